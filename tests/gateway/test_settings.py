"""Settings, and the flags made from them."""

import re
from dataclasses import fields

import pytest
from typer.testing import CliRunner

from gateway.commands import app
from gateway.settings import Settings, SettingsError, env_name, flag_name


def test_defaults_bind_to_this_machine() -> None:
    """Without settings, nothing outside this machine can reach the gateway."""
    assert Settings.from_env({}) == Settings()
    assert Settings().host == "127.0.0.1"


def test_values_come_from_the_environment() -> None:
    """Each field is read from its variable, as its own type."""
    values = {"SCORING_PORT": "9000", "SCORING_DEADLINE": "2.5", "SCORING_TRITON_URL": "triton:8001", "PORT": "1"}
    settings = Settings.from_env(values)
    assert (settings.port, settings.deadline, settings.triton_url) == (9000, 2.5, "triton:8001")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SCORING_PORT", "http", "an integer from 0 to 65535"),
        ("SCORING_PORT", "65536", "an integer from 0 to 65535"),
        ("SCORING_PORT", "80.5", "an integer"),
        ("SCORING_PORT", "", "an integer"),
        ("SCORING_DEADLINE", "0", "a number from 0.001 to 600"),
        ("SCORING_DEADLINE", "nan", "a number"),
        ("SCORING_DEADLINE", "inf", "a number"),
        ("SCORING_HOST", "", "a text that is not empty"),
    ],
)
def test_bad_values_are_named(name: str, value: str, expected: str) -> None:
    """A value that cannot be used is refused by name, with what is expected."""
    with pytest.raises(SettingsError, match=re.escape(f"{name}={value!r}: expected {expected}")):
        Settings.from_env({name: value})


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting: object) -> None:
    """A setting has one sentence of help."""
    text = setting.metadata["help"]  # type: ignore[attr-defined]  # a field's type is not public
    assert text[0].isalpha()
    assert text.endswith(".")


def test_every_setting_is_a_flag() -> None:
    """The command's help lists each setting's flag, variable and default."""
    result = CliRunner().invoke(app, ["--help"], terminal_width=400, color=False)
    shown = " ".join(result.output.split())
    for setting in fields(Settings):
        assert flag_name(setting) in shown
        assert f"[env: {env_name(setting)}]" in shown
        assert f"[default: ({setting.default})]" in shown or f"[default: {setting.default}]" in shown


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [(["--deadline", "0"], {}), ([], {"SCORING_MAX_CALLS": "none"}), (["--port", "http"], {}), (["--nothing"], {})],
)
def test_the_command_refuses_bad_settings(arguments: list[str], environ: dict[str, str]) -> None:
    """A bad flag or variable ends the command with exit code 2 and without a traceback."""
    result = CliRunner().invoke(app, arguments, env=environ)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_flags_win_over_the_environment() -> None:
    """A flag overrides its variable."""
    result = CliRunner().invoke(app, ["--deadline", "0"], env={"SCORING_DEADLINE": "5"})
    assert "SCORING_DEADLINE='0.0'" in result.output
