"""What an answer gives for papers: figures, tables, and all of it in one archive."""
