"""Architectures of the networks that are trained from scratch."""
