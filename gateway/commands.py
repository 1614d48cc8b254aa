"""The command `scoring gateway`: every setting is a flag and an environment variable."""

import asyncio
import inspect
import os
from dataclasses import Field, fields
from typing import Any

import typer

from gateway.access.access import Access
from gateway.access.exposure import check_exposure
from gateway.listening import AddressError
from gateway.process import run_here
from gateway.settings import Settings, SettingsError, env_name, flag_name
from gateway.telemetry.logs import set_up_logging
from gateway.tls import check_tls
from gateway.workers import supervise

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def gateway(*, check: bool, **flags: Any) -> None:
    """Run the HTTP and gRPC gateway in front of a Triton server."""
    given = {env_name(each): str(flags[each.name]) for each in fields(Settings) if flags[each.name] is not None}
    try:
        settings = Settings.from_env({**os.environ, **given})
        set_up_logging(settings)
        check_exposure(settings)
        if check:
            Access(settings)
            check_tls(settings)
            return
        code = _run(settings)
    except (SettingsError, AddressError) as error:
        typer.echo(f"scoring gateway: {error}", err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(code)


def _run(settings: Settings) -> int:
    if settings.workers > 1:
        return asyncio.run(supervise(settings))
    run_here(settings)
    return 0


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
    default=typer.Option(
        False, "--check", help="Check the settings, the key file and the certificate, and start nothing."
    ),
    annotation=bool,
)
_parameters = [*(_flag(setting) for setting in fields(Settings)), _CHECK]
gateway.__signature__ = inspect.Signature(_parameters)  # type: ignore[attr-defined]  # functions take it, stubs do not
gateway.__annotations__ = {each.name: each.annotation for each in _parameters}
app.command()(gateway)
