"""Training by workers elsewhere: any executor of ``concurrent.futures``, and clusters of Dask."""
