"""What can go wrong with one variant, while others may do well."""


class VariantError(Exception):
    """Triton refuses a variant, or fails requests with it; the message is the reason."""
