"""The memory of this machine, and torch's global random numbers."""
