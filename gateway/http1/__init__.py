"""Connections that speak HTTP/1.1: bytes in and out, in order, within limits of size and time."""
