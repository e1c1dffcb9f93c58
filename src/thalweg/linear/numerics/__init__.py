"""Numerics under every model: moments, factors, standardised columns, 32 digits and Newton's method."""
