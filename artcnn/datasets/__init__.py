"""Data to learn from and to test on, as tensors in memory."""
