"""JSON bodies into typed requests, and msgspec's errors into ours."""

import re
from typing import TypeVar

import msgspec

from gateway.errors import InvalidFieldError, MalformedBodyError, ScoringError

T = TypeVar("T")

BASE64_FAULT = "Invalid base64 encoded string."  # msgspec does not say what is wrong with it

# msgspec's messages name the place and the types, never a value.
_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<field>.*)`)?$", re.DOTALL)
_TYPES = re.compile(r"^Expected `(?P<expected>[^`]+)`, got `(?P<received>[^`]+)`$")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<name>.*)`$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<name>.*)`$")
_LONGEST_NAME = 80


def decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Decode a JSON body. Raises MalformedBodyError or InvalidFieldError."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _translated(error, body) from None


def _translated(error: Exception, body: bytes) -> ScoringError:
    if isinstance(error, UnicodeDecodeError):
        return MalformedBodyError("The body is not valid UTF-8.")
    if isinstance(error, RecursionError):
        return MalformedBodyError("The body is nested too deeply.")
    if isinstance(error, msgspec.ValidationError):
        return _invalid_field(str(error))
    if not body.strip():
        return MalformedBodyError("The body is empty.")
    if b"\\ud" in body.lower():
        return MalformedBodyError("The body is not valid JSON: it may hold an unpaired surrogate escape.")
    return MalformedBodyError(f"The body is not valid JSON: {str(error).removeprefix('JSON is malformed: ')}.")


def _invalid_field(message: str) -> ScoringError:
    place = _PLACE.match(message)
    what, field = (place["what"], place["field"]) if place else (message, None)
    if unknown := _UNKNOWN.match(what):
        name = unknown["name"][:_LONGEST_NAME]
        return InvalidFieldError("The request has an unknown field.", field=f"{field}.{name}" if field else name)
    if missing := _MISSING.match(what):
        return InvalidFieldError(f"{missing['name']} is missing.", field=missing["name"])
    if types := _TYPES.match(what):
        expected = types["expected"]
        return InvalidFieldError(
            f"{field or 'The body'} has the wrong type.",
            field=field or "body",
            limit="str" if expected == "bytes" else expected,  # JSON has bytes as base64, in a string
            received=types["received"],
        )
    return InvalidFieldError(f"{what}.", field=field)
