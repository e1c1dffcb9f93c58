"""Orthogonal scores, and answers with intervals from them."""
