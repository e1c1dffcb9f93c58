"""Figures, tables and documents as such; knows no result."""
