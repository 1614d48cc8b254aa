"""Data and weights in, a proven model version in the Triton repository out."""
