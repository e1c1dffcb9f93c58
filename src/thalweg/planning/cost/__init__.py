"""What work costs on a device: time with its band, money with the kind of its price, energy and carbon."""
