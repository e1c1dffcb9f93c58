"""Accelerators, prices, electricity and utilisations: small dated tables, every row with its source."""
