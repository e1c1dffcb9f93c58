"""Pictures and pages of energy models."""
