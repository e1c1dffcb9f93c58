"""One treatment, randomised or not: learned nuisances, overlap, estimands, sensitivity."""
