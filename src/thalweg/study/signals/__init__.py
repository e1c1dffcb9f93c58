"""What reaches each layer of a network at its start, forwards and backwards."""
