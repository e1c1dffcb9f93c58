"""Comparison of models: cross-validation, metrics, intervals, verdicts."""
