"""The population behind an estimator: views of the rows, members, training, prediction."""
