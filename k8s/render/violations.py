"""What JSON Schema finds, in the words of who writes manifests."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

from doctor.manifests.resource import Resource
from doctor.tree import mapping
from doctor.wording import guess
from k8s.render.finding import Finding

_LONGEST = 240  # characters of what JSON Schema says itself
_KNOWN_TYPES = {"object": "a mapping", "array": "a list", "string": "text", "integer": "a whole number",
                "number": "a number", "boolean": "true or false"}  # fmt: skip
_FORMATS = FormatChecker(formats=("ipv4", "ipv6"))


@_FORMATS.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@_FORMATS.checks("int64")
def _is_int64(value: object) -> bool:
    return not isinstance(value, int) or -(2**63) <= value < 2**63


@_FORMATS.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def _distinct(_: Any, keys: Any, value: Any, _schema: Any) -> Iterator[ValidationError]:
    """Lists of type map hold no key twice."""
    if not isinstance(value, list):
        return
    seen = set()
    for each in value:
        identity = tuple(str(each.get(key)) for key in keys) if isinstance(each, dict) else ()
        if identity in seen:
            shown = ", ".join(f"{key} {name}" for key, name in zip(keys, identity, strict=False) if name != "None")
            yield ValidationError(f"two of its elements have {shown}")
        seen.add(identity)


_Validator: type[Draft202012Validator] = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"x-kubernetes-list-map-keys": _distinct}
)


class Schema:
    """A schema that is asked again and again."""

    def __init__(self, contents: dict[str, Any]) -> None:
        self._validator = _Validator(contents, format_checker=_FORMATS)

    def errors(self, value: Any) -> Iterator[ValidationError]:
        """What is wrong with a value."""
        yield from self._validator.iter_errors(value)


def violations(resource: Resource, schema: Schema, *inside: str) -> Iterator[Finding]:
    """Say what is wrong with an object, or with what lies `inside` it."""
    value: Any = resource.raw
    for key in inside:
        value = value.get(key, {})
    for error in schema.errors(value):
        place = "".join(_step(each) for each in (*inside, *error.absolute_path)).lstrip(".")
        advice = f"kubectl explain {_explained(resource, place)}"
        for field, problem, otherwise in _told(error, advice):
            yield Finding(str(resource), f"{place}{field}".lstrip("."), problem, otherwise)


def _step(key: object) -> str:
    return f"[{key}]" if isinstance(key, int) else f".{key}"


def _explained(resource: Resource, place: str) -> str:
    return ".".join(filter(None, (resource.kind.lower(), re.sub(r"\[\d+\]", "", place))))


def _told(error: ValidationError, advice: str) -> Iterator[tuple[str, str, str]]:
    rule: Any = error.validator_value
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = mapping(error.schema, "properties")
        for key in error.instance.keys() - known.keys():
            yield f".{key}", "there is no such field", guess(str(key), known, advice)
    elif error.validator == "type":
        types = [rule] if isinstance(rule, str) else rule
        wanted = " or ".join(_KNOWN_TYPES.get(each, each) for each in types if each != "null")
        yield "", f"{_value(error.instance)} is not {wanted}", advice
    elif error.validator == "required":
        missing = [each for each in rule if each not in mapping(error.instance)]
        yield "", f"it lacks {', '.join(missing)}", advice
    elif error.validator == "enum":
        allowed = ", ".join(str(each) for each in rule)
        yield "", f"{_value(error.instance)} is none of {allowed}", advice
    elif error.validator == "format":
        yield "", f"{_value(error.instance)} is no {rule}", advice
    else:
        yield "", error.message[:_LONGEST], advice


def _value(value: object) -> str:
    return repr(value)[:80]
