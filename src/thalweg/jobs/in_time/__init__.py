"""Jobs in a limited time: ever larger designs, each complete; the last one that is stands."""
