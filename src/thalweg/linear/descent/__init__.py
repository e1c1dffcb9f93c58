"""Gradient descent and the geometry of penalties, as objects of study."""
