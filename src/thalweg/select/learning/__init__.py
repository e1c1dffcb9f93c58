"""What models learn from and how: observations, views of them, the scale of a view, recipes, members, predictions."""
