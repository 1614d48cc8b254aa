"""What a .dockerignore file lets into a build."""

import re
from collections.abc import Iterator
from pathlib import Path


class Ignored:
    """The rules of one file: the last one that matches a path, or a folder above it, decides."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        rules = [line for line in lines if line and not line.startswith("#")]
        self._rules = [(_pattern(rule.removeprefix("!")), not rule.startswith("!")) for rule in rules]

    def __contains__(self, path: str) -> bool:
        """Whether a path, relative to the context, is kept out."""
        parts = path.split("/")
        ways = ["/".join(parts[: i + 1]) for i in range(len(parts))]
        verdict = False
        for pattern, keeps_out in self._rules:
            if any(pattern.fullmatch(way) for way in ways):
                verdict = keeps_out
        return verdict


def of(dockerfile: Path) -> Ignored:
    """Return the rules that BuildKit takes for a Dockerfile: those of the file beside it."""
    return Ignored(dockerfile.with_name(f"{dockerfile.name}.dockerignore").read_text())


def files_in(context: Path, source: str, ignored: Ignored) -> Iterator[str]:
    """Yield the files of the context that COPY takes for a source, relative to the context.

    Raises FileNotFoundError where it would take none: the build would fail.
    """
    start = context / source
    found = [start] if start.is_file() else sorted(start.rglob("*"))
    names = [str(each.relative_to(context)) for each in found if each.is_file()]
    taken = [name for name in names if name not in ignored]
    if not taken:
        raise FileNotFoundError(f"COPY {source}: no file of that name reaches the build")
    yield from taken


def _pattern(rule: str) -> re.Pattern[str]:
    text = rule.strip("/")
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", text)
    means = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(means.get(part, re.escape(part)) for part in parts))
