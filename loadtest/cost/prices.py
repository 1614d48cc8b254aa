"""The price file: sizes of nodes, and what each costs an hour."""

import math
import re
import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from loadtest.errors import LoadTestError

PRICES = Path(__file__).with_name("prices.toml")
_HINT = f"see loadtest/cost/{PRICES.name} for how it is written; name yours with: --prices FILE"
_HEADER = re.compile(r"\s*\[\[\s*size\s*\]\]")
_PATH = re.compile(r"(?P<what>.*?) - at `\$(?:\.size\[(?P<size>\d+)\])?(?:\.(?P<field>\w+))?.*`")
_FORMS = {"date": "write a year, a month or a day, as 2026-09", "currency": "write three letters, as USD"}

Text = Annotated[str, Meta(min_length=1)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]


class Size(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A size of node: `hourly` is in the file's currency, `date` a year, a month or a day, `gpu` the GPU's name."""

    name: Text
    vcpus: Annotated[int, Meta(gt=0)]
    hourly: Annotated[float, Meta(gt=0)]
    region: Text
    date: Annotated[str, Meta(pattern=r"^\d{4}(-\d\d){0,2}$")]
    source: Text
    gpus: Annotated[int, Meta(ge=0)] = 0
    gpu: str = ""
    note: str = ""
    currency: Currency | None = None


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All sizes of a file; one without a currency of its own is priced in the file's."""

    currency: Currency
    size: Annotated[list[Size], Meta(min_length=1)]


def read(path: Path) -> Prices:
    """Read a price file. Raises LoadTestError that names line, field and value."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise LoadTestError(f"{path} cannot be read: {reason}", _HINT) from None
    try:
        prices = msgspec.convert(_plain(tomllib.loads(text)), Prices)
    except tomllib.TOMLDecodeError as error:
        raise LoadTestError(f"{path} is no TOML: {error}", _HINT) from None
    except msgspec.ValidationError as error:
        raise _fault(path, text, *_parsed(error)) from None
    for place, size in enumerate(prices.size):
        problem = _problem(prices, place, size)
        if problem:
            raise _fault(path, text, problem[1], place, problem[0])
    return prices


def _plain(value: Any) -> Any:
    """Dates may be written without quotation marks."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _problem(prices: Prices, place: int, size: Size) -> tuple[str, str] | None:
    """Return the field of a size that does not go with the others, and why."""
    if not math.isfinite(size.hourly):
        return "hourly", "a price is a finite number"
    if size.currency not in {None, prices.currency}:
        return "currency", f"the file is in {prices.currency}, and nothing here knows the exchange rate"
    if bool(size.gpus) != bool(size.gpu):
        return "gpus" if size.gpus else "gpu", "a size with GPUs has both: gpus, how many, and gpu, the name"
    if size.name in {each.name for each in prices.size[:place]}:
        return "name", "this size is there already"
    return None


def _parsed(error: msgspec.ValidationError) -> tuple[str, int | None, str]:
    """Take msgspec's message apart: what is wrong, which size, which field."""
    found = _PATH.fullmatch(str(error))
    if not found:
        return str(error), None, ""
    return found["what"], int(found["size"]) if found["size"] else None, found["field"] or ""


def _fault(path: Path, text: str, what: str, size: int | None, field: str) -> LoadTestError:
    lines = text.splitlines()
    line = _line(lines, size, field)
    place = f"{path}, line {line}" if line else str(path)
    written = lines[line - 1].strip() if line else field
    problem = _FORMS[field] if "regex" in what else what
    return LoadTestError(": ".join(filter(None, [place, written, problem])), _HINT)


def _line(lines: Sequence[str], size: int | None, field: str) -> int | None:
    """Return the line of a field of the so-manieth size, of the size's head where it lacks the field; from 1."""
    heads = [place for place, line in enumerate(lines) if _HEADER.match(line)]
    if size is not None and size >= len(heads):
        return None
    first = 0 if size is None else heads[size]
    end = next((head for head in heads if head > first), len(lines))
    named = re.compile(rf"\s*{re.escape(field)}\s*=")
    found = [place for place in range(first, end) if field and named.match(lines[place])]
    return found[0] + 1 if found else None if size is None else first + 1
