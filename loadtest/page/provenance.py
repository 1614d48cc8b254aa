"""Where and how the figures of a page were made."""

from collections.abc import Sequence

from loadtest.facts import Facts
from loadtest.page.layout import Code, Details, Pairs, Section


def section(facts: Facts, sentences: Sequence[str]) -> Section:
    """Return the last section of a page: what `facts.sentences` and the report have to say, command and versions."""
    versions = Details("All versions", [Pairs([*facts.versions.items()])])
    return Section("How it was measured", [" ".join(sentences), Code(facts.command), versions])
