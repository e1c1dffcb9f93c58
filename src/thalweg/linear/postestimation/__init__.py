"""What is asked of a fitted model: predictions, marginal effects, tests of restrictions, influence of rows."""
