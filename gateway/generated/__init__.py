"""Stubs generated from proto/scoring/v1/scoring.proto; `make proto` writes them anew."""
