"""Triton backend `onnxruntime` in Python: serves the model repository that the C++ backend of that name serves.

Triton starts one process (the stub) per model instance, which imports this file as the module `model`. Rules and
parameters are those of github.com/triton-inference-server/onnxruntime_backend, src/onnxruntime.cc.
"""

import os
import sys
from pathlib import Path

# First on the path: the modules beside this one, those that all backends share, and the packages of the environment
# that started Triton.
sys.path[:0] = [str(Path(__file__).parent), *os.environ["SCORING_BACKEND_PATH"].split(os.pathsep)]

import stub_environment  # noqa: E402, F401  checks what is imported from that path
from onnx_engine import OnnxEngine  # noqa: E402
from stub_model import StubModel  # noqa: E402


class TritonPythonModel(StubModel):
    """One instance of one version of an ONNX model."""

    engine = OnnxEngine
