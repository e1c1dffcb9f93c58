"""What the machine has to spare."""
