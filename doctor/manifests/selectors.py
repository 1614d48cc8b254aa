"""Label selectors, in both of their forms."""

from collections.abc import Mapping
from typing import Any

from doctor.tree import mapping, mappings, text, texts


def fits(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Tell whether a selector takes what has these labels; an empty one takes everything."""
    exact = mapping(selector, "matchLabels") if {"matchLabels", "matchExpressions"} & set(selector) else selector
    found = {key: text(value) for key, value in labels.items()}
    return all(found.get(key) == text(value) for key, value in exact.items()) and all(
        _agrees(found, expression) for expression in mappings(selector, "matchExpressions")
    )


def _agrees(labels: Mapping[str, str], expression: Mapping[str, Any]) -> bool:
    value, values = labels.get(text(expression, "key")), texts(expression, "values")
    return {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }.get(text(expression, "operator"), False)
