"""The memory of this machine."""
