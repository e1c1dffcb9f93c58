"""What a machine at hand does: constants measured in two seconds, kept, and corrected by what happened."""
