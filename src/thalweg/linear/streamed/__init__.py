"""Regressions of rows that come in batches, more of them than fit into memory: several passes, sums alone are kept."""
