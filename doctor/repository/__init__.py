"""A model repository as it lies on disk: read with care, judged elsewhere."""
