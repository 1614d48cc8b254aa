"""Data and weights in, a proven model version in the Triton repository out."""

import os

# ONNX Runtime 1.29 and later report usage to Microsoft unless this is set before the first import.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
