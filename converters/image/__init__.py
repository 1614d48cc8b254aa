"""Image classifiers out of PyTorch, Keras or a user's ONNX file, proven and published as one and the same contract."""
