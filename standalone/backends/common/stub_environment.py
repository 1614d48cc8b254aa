"""Check the environment that a stub imports from; every backend imports this module before any other of ours.

The stub's own Python may hold another numpy than the environment that started Triton, and of numpy 2 the stub reads
every array with stride 0.
"""

import sys
from pathlib import Path

import numpy as np

if int(np.__version__.split(".")[0]) >= 2:
    raise ImportError(f"numpy {np.__version__} of {np.__file__} is too new: Triton's Python stub needs numpy below 2")

# The stub puts the folder of all backends on the path (python_backend, src/pb_stub.cc), where `import openvino` would
# find the backend of that name when the package is not installed.
_BACKENDS = Path(__file__).parents[1]
sys.path[:] = [entry for entry in sys.path if Path(entry) != _BACKENDS]
