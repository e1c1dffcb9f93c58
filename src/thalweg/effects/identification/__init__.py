"""What a design can answer, and which cell to run next."""
