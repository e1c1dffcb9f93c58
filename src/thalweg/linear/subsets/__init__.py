"""Choice of columns."""
