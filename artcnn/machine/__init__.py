"""The memory and the caches of this machine."""
