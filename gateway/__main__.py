"""`python -m gateway` runs the gateway."""

from gateway.commands import app

app()
