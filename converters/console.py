"""How converter commands report a failure: one line, one hint, exit code 2."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from converters.errors import ConversionError


@contextmanager
def failures_reported() -> Iterator[None]:
    """Turn a ConversionError into two lines on standard error and exit code 2; other exceptions are bugs and pass."""
    try:
        yield
    except ConversionError as error:
        typer.echo(f"error: {error}", err=True)
        typer.echo(f"hint: {error.hint}", err=True)
        raise typer.Exit(2) from error
