"""Many machines: the jobs of one command, given out as work, and their results collected."""
