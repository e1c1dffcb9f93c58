"""Tables that are never whole in memory: what their columns hold is asked of DuckDB, and rows come in batches."""
