"""Datasets for training and testing, as tensors in memory."""
