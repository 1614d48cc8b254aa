"""What the gateway tells of its work: metrics, one log line for each request, traces."""
