"""The service: HTTP and gRPC protocols over one scoring service over Triton."""

import os

# gRPC's core writes lines of its own about what clients sent, and reads this when it is imported.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
