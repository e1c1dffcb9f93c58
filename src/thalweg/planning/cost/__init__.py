"""What work costs on a device: time with its range, money with the kind of its price, energy and carbon."""
