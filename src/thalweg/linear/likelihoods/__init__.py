"""Likelihoods: the families, what is asked of them, their costs and what separates their answers."""
