"""Matrix products: the library that computes them, how they round, on how many threads."""
