"""One setting: its default, its sentence, its range, and how it is read from text."""

from collections.abc import Callable
from dataclasses import Field, field
from typing import Any

ENV_PREFIX = "SCORING_"

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False, "True": True, "False": False}


class SettingsError(ValueError):
    """A setting cannot be read; the message names it, its value and what is expected."""


def setting(
    default: Any,
    text: str,
    *,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
    optional: bool = False,
) -> Any:
    """Make a setting; an `optional` text may be empty."""
    metadata = {"help": text, "least": least, "most": most, "choices": choices, "optional": optional}
    return field(default=default, metadata=metadata)


def env_name(setting: "Field[Any]") -> str:
    """Return the environment variable of a settings field."""
    return ENV_PREFIX + setting.name.upper()


def flag_name(setting: "Field[Any]") -> str:
    """Return the command-line flag of a settings field."""
    return "--" + setting.name.replace("_", "-")


def parse(setting: "Field[Any]", text: str) -> Any:
    """Read a value of the field's type. Raises SettingsError."""
    kind: Callable[[str], Any] = _BOOLEANS.__getitem__ if isinstance(setting.default, bool) else type(setting.default)
    try:
        value = kind(text)
    except (ValueError, KeyError):
        value = None
    if value is None or not _within(value, setting):
        raise SettingsError(f"{env_name(setting)}={text!r}: expected {_expectation(setting)}")
    return value


def _within(value: Any, setting: "Field[Any]") -> bool:
    least, most = setting.metadata["least"], setting.metadata["most"]
    if isinstance(value, str):
        choices = setting.metadata["choices"]
        return value in choices if choices else bool(value) or setting.metadata["optional"]
    return (least is None or value >= least) and (most is None or value <= most)


def _expectation(setting: "Field[Any]") -> str:
    if setting.metadata["choices"]:
        return f"one of {', '.join(setting.metadata['choices'])}"
    kinds = {int: "an integer", float: "a number", str: "a text that is not empty", bool: "true or false"}
    kind = kinds[type(setting.default)]
    least, most = setting.metadata["least"], setting.metadata["most"]
    return kind if least is None else f"{kind} from {least} to {most}"
