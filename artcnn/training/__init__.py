"""Training: one loop for every network that is trained here; it knows no task."""
