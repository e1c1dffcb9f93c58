"""Bias, variance and the number of parameters."""
