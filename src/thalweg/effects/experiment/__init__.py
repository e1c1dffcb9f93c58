"""Experiments in numbers: read, checked, simulated; needs no torch."""
