"""What the service does with three times the load that it can bear."""
