"""Figures and tables as files for papers, and archives of them."""
