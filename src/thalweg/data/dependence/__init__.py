"""Rows that hang together: clusters, repeated units, copies, order in time."""
