"""Fitted estimators in files, run folders and other programs."""
