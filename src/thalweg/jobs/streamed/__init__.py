"""Linear models of tables larger than memory: posed by what DuckDB tells of columns, estimated from batches of rows."""
