"""The gateway's settings, from an environment or a container: read and judged by the gateway's own code."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from doctor.finding import Fault, wrong
from doctor.wording import guess
from gateway.setting import ENV_PREFIX, parse
from gateway.settings import Settings, SettingsError, env_name, flag_name

FIELDS = {env_name(field): field for field in fields(Settings)}
_FLAGS = {flag_name(field): field for field in fields(Settings)}
_SWITCHES = {name for name, field in _FLAGS.items() if isinstance(field.default, bool)}
# Variables of that prefix which others read.
_OTHERS = {"SCORING_API_KEY", "SCORING_ENGINE_CORES", "SCORING_BACKEND_PATH"}
FILES = ("SCORING_KEYS_FILE", "SCORING_TLS_CERT", "SCORING_TLS_KEY")
_PATIENCE = 60  # seconds
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Reading:
    """Settings as far as they can be read; `given` are the names of those that somebody set."""

    settings: Settings
    given: frozenset[str]
    faults: Sequence[Fault]

    def sets(self, name: str) -> bool:
        """Whether a setting has a value of its own."""
        return name in self.given


def read(environ: Mapping[str, str]) -> Reading:
    """Read the variables one by one: a wrong one is a fault, and keeps its default."""
    faults = [*_unknown(environ)]
    values: dict[str, Any] = {}
    for name in sorted(FIELDS.keys() & environ.keys()):
        try:
            values[name] = parse(FIELDS[name], environ[name])
        except SettingsError as error:
            faults.append(wrong(f"the gateway refuses to start: {error}", "correct the value, or leave it out"))
        except OverflowError:
            faults.append(wrong(f"the gateway cannot read {name}", "write a smaller number"))
    settings = Settings(**{FIELDS[name].name: value for name, value in values.items()})
    return Reading(settings, frozenset(values), faults)


def _unknown(environ: Mapping[str, str]) -> Iterator[Fault]:
    for name in sorted(environ):
        if name.startswith(ENV_PREFIX) and name not in FIELDS and name not in _OTHERS:
            advice = guess(name, FIELDS, "`scoring gateway --help` lists them")
            yield wrong(f"{name} is no setting of the gateway: it is ignored without a word", advice)


def from_flags(words: Sequence[str]) -> tuple[dict[str, str], list[Fault]]:
    """Return what the flags of a `scoring gateway` command line set, as variables, and what is wrong with them."""
    found: dict[str, str] = {}
    faults: list[Fault] = []
    rest = list(words)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if not name.startswith("--") or name == "--check":
            continue
        if name not in _FLAGS:
            advice = guess(name, _FLAGS, "`scoring gateway --help` lists them")
            faults.append(wrong(f"the gateway has no flag {name}: it refuses to start", advice))
            continue
        if name in _SWITCHES:
            value = "true"
        elif not equals:
            value = rest.pop(0) if rest else ""
        found[env_name(_FLAGS[name])] = value
    return found, faults


def refusal(environ: Mapping[str, str], *, files: bool) -> str:
    """Return why `scoring gateway --check` would not start with these variables; empty when it would.

    Without `files`, those of keys and certificates are taken to be there and in order: they are mounted elsewhere.
    """
    wanted = {name: value for name, value in environ.items() if name in FIELDS and "\0" not in value}
    if files:
        return _refusal(wanted)
    if wanted.get("SCORING_KEYS_FILE"):
        wanted["SCORING_ALLOW_ANONYMOUS"] = "true"
    return _refusal_without_files(frozenset((name, value) for name, value in wanted.items() if name not in FILES))


@cache
def _refusal_without_files(variables: frozenset[tuple[str, str]]) -> str:
    """The same settings get the same answer, and overlays share most of theirs."""
    return _refusal(dict(variables))


def _refusal(variables: Mapping[str, str]) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ENV_PREFIX)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "gateway", "--check"],
            env={**clean, **variables, "PYTHONPATH": str(_ROOT)},
            capture_output=True, text=True, errors="replace", timeout=_PATIENCE, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"it cannot be asked: {error}"
    lines = done.stderr.strip().splitlines()
    return (lines[-1].removeprefix("scoring gateway: ") if lines else "it ends at once") if done.returncode else ""
