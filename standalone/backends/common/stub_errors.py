"""Why a model is not served."""


class RefusedError(Exception):
    """The model cannot be served as its config says; the message names the fault."""
