"""Many weighted versions of one model at once: bootstraps, folds, groups."""
