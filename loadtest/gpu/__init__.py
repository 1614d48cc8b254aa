"""The check of image classification on a machine with an NVIDIA GPU."""
