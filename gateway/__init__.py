"""The service: HTTP and gRPC protocols over one scoring service over Triton."""
