"""Restricted Boltzmann machines: populations that learn at once, and likelihoods one can trust."""
