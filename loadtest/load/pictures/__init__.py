"""The pictures of a load report."""
