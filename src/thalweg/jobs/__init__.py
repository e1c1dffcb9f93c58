"""The end-to-end calls."""
