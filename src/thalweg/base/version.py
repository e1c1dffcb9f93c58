"""The version of the package, where everyone may read it."""

__version__ = "0.1.0"
