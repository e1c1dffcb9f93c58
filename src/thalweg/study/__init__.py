"""Seeing what training does: races, signals, surfaces, boundaries, capacity, attribution."""
