"""Which columns a model's predictions rest on, and how they change with them."""
