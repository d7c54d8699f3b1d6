"""Networks that are built and trained here, from scratch: architectures only."""
