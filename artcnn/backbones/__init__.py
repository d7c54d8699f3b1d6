"""Frozen pretrained networks whose layers are asked for by name."""
