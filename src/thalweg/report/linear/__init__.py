"""The page of a linear model."""
