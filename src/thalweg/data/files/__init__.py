"""Files of tables: found, opened, cut into columns and counted."""
