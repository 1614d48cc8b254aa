"""The command `scoring gateway`: every setting is a flag and an environment variable."""

import asyncio
import inspect
import logging
import os
from dataclasses import Field, fields
from typing import Any

import typer
import uvloop

from gateway.access.access import Access
from gateway.access.exposure import check_exposure
from gateway.listening import AddressError
from gateway.process import run
from gateway.settings import Settings, SettingsError, env_name, flag_name

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def gateway(*, check: bool, **flags: Any) -> None:
    """Run the HTTP and gRPC gateway in front of a Triton server."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    given = {env_name(each): str(flags[each.name]) for each in fields(Settings) if flags[each.name] is not None}
    try:
        settings = Settings.from_env({**os.environ, **given})
        check_exposure(settings)
        if check:
            Access(settings)
            return
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(settings))
    except (SettingsError, AddressError) as error:
        typer.echo(f"scoring gateway: {error}", err=True)
        raise typer.Exit(2) from None


def _flag(setting: "Field[Any]") -> inspect.Parameter:
    option = typer.Option(
        None,
        flag_name(setting),
        help=f"{setting.metadata['help']} [env: {env_name(setting)}]",
        show_default=str(setting.default),
    )
    kind = type(setting.default) | None
    return inspect.Parameter(setting.name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=kind)


# Typer reads flags from a function's signature; here the settings are the signature.
_CHECK = inspect.Parameter(
    "check",
    inspect.Parameter.KEYWORD_ONLY,
    default=typer.Option(False, "--check", help="Check the settings and the key file, and start nothing."),
    annotation=bool,
)
_parameters = [*(_flag(setting) for setting in fields(Settings)), _CHECK]
gateway.__signature__ = inspect.Signature(_parameters)  # type: ignore[attr-defined]  # functions take it, stubs do not
gateway.__annotations__ = {each.name: each.annotation for each in _parameters}
app.command()(gateway)
