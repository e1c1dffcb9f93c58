"""Hyper-parameter search as one population."""
