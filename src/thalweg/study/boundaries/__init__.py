"""What networks of different depth separate, and how they are computed."""
