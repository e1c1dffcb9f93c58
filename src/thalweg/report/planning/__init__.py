"""What plans, devices and prices look like."""
