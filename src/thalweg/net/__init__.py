"""What is computed: layers, forward and backward side by side."""
