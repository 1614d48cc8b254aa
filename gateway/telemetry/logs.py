"""The log: every line JSON or text, on standard error, without anything that a user or another program wrote."""

import logging

from gateway.settings import Settings


def set_up_logging(settings: Settings) -> None:
    """Send every log record to standard error in the format of the settings."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
