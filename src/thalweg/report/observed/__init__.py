"""The page about a treatment that units chose."""
