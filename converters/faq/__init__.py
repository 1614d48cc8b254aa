"""FAQ matching: data sets, scikit-learn pipeline, export to ONNX, parity, evaluation."""
