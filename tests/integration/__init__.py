"""The real stack: converters' output, Triton, gateway."""
