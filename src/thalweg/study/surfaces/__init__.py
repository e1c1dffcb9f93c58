"""Losses around a trained network: planes, contours, curvature."""
