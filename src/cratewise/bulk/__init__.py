"""Classifies more tracks than fit into memory: Parquet in, Parquet out, slice by slice, here or on a Ray cluster."""
