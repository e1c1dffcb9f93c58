"""What single cells hold: numbers and dates in the ways people write them, codes for what is missing."""
