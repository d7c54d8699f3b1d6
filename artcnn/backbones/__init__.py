"""Frozen pretrained networks that return the features of named layers."""
