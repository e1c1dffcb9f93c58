"""thalweg: supervised deep learning whose answer is a distribution, not a lucky run."""

__version__ = "0.1.0"
