"""What a PromQL expression asks for: metrics, what their labels must be, labels that it groups by.

Whether an expression is PromQL at all, Prometheus itself says; what is read here is valid.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    \#[^\n]*
    | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    | (?P<number>\d[\w.:]*)  # and durations
    | (?P<name>[A-Za-z_:][\w:]*)
    | (?P<sign>=~|!~|!=|[^\s\w])
    """,
    re.VERBOSE,
)
_LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}
_WORDS = {"and", "or", "unless", "bool", "offset", "atan2", "inf", "nan", "start", "end"}
_MAKERS = {"label_replace", "label_join"}  # functions whose second argument names a new label


class Matcher(NamedTuple):
    """What a label must be."""

    label: str
    sign: str
    value: str


class Selector(NamedTuple):
    """A metric and what its labels must be."""

    metric: str
    matchers: tuple[Matcher, ...]


@dataclass
class Asked:
    """All that one expression asks for."""

    selectors: list[Selector] = field(default_factory=list)
    grouped: set[str] = field(default_factory=set)  # labels in by (...), on (...) and the like
    made: set[str] = field(default_factory=set)  # labels that it makes itself


def read(expr: str) -> Asked:
    """Return what an expression asks for."""
    reader = _Reader(expr)
    while reader.more():
        reader.step()
    return reader.asked


class _Reader:
    """Goes through an expression token by token."""

    def __init__(self, expr: str) -> None:
        found = ((match.lastgroup, match[0]) for match in _TOKEN.finditer(expr))
        self._tokens = [(kind, token) for kind, token in found if kind]
        self._place = 0
        self.asked = Asked()

    def more(self) -> bool:
        return self._place < len(self._tokens)

    def step(self) -> None:
        kind, token = self._take()
        if token == "{":
            self._selector("")
        elif kind == "name":
            self._name(token)

    def _name(self, name: str) -> None:
        word = name.lower()
        if word in _LISTS:
            self.asked.grouped |= self._list()
        elif self._next() == "(" or self._next().lower() in {"by", "without"}:  # a function, an aggregation
            if word in _MAKERS:
                self.asked.made.add(self._second_argument())
        elif self._next() == "{":
            self._take()
            self._selector(name)
        elif word not in _WORDS:
            self.asked.selectors.append(Selector(name, ()))

    def _selector(self, metric: str) -> None:
        matchers = []
        while (label := self._take()[1]) != "}":
            if label != ",":
                matchers.append(Matcher(label, self._take()[1], self._take()[1][1:-1]))
        names = [each.value for each in matchers if each.label == "__name__"]
        self.asked.selectors.append(Selector(metric or names[0], tuple(matchers)))

    def _list(self) -> set[str]:
        labels = set[str]()
        if self._next() == "(":
            while (token := self._take()[1]) != ")":
                labels |= {token} - {"(", ","}
        return labels

    def _second_argument(self) -> str:
        inside = False  # the braces of the first one
        for kind, token in self._tokens[self._place :]:
            inside = (inside or token == "{") and token != "}"
            if kind == "text" and not inside:
                return token[1:-1]
        raise ValueError("a label is made, and has no name")

    def _next(self) -> str:
        return self._tokens[self._place][1] if self.more() else ""

    def _take(self) -> tuple[str, str]:
        token = self._tokens[self._place]
        self._place += 1
        return token[0], token[1]
