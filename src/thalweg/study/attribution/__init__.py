"""Which columns drive the predictions of a population, and how sure that is."""
