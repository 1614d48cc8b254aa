"""The benchmark of FAQ matching."""
