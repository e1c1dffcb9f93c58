"""What everyone may use: axes, contracts, checks, errors, seeds."""
