"""The pages and texts about effects."""
