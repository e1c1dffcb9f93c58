"""Shrunken models over whole paths of penalties."""
