"""What a population says about its own doubt."""
