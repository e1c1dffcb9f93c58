"""What is worth a remark in a table before anything is learned from it."""
