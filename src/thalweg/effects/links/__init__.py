"""Links: how parameters and treatments make the expected outcome."""
