"""The slides of a first lecture on deep learning, one by one, on the reader's own table."""
