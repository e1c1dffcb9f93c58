"""Verbs that help with the others: examples, what is installed, completion, and a server for one run."""
