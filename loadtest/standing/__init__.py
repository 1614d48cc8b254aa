"""The standing benchmark: both models in one run, against their limits and their peers."""
