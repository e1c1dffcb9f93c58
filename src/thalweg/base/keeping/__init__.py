"""What is kept in files: written with digests, and read again by one reader for each kind of file."""
