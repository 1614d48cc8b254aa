"""What keys, quotas and the request log cost."""
