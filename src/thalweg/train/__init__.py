"""The population engine: the only place that brings networks, losses and optimizers together."""
