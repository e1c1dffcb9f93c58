"""From a table to tensors."""
