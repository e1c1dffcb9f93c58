"""From files, frames and queries to a table."""
