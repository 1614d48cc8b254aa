"""Lists and guesses in sentences."""

from collections.abc import Iterable
from difflib import get_close_matches

_MOST = 5


def listed(values: Iterable[object]) -> str:
    """Return values with commas between them, the first few if they are many; "none" for nothing."""
    texts = [str(value) for value in values]
    more = f" and {len(texts) - _MOST} more" if len(texts) > _MOST else ""
    return ", ".join(texts[:_MOST]) + more if texts else "none"


def guess(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return "did you mean ...?" for a word like a known one, else what there is to say otherwise."""
    spellings = {each.lower(): each for each in known}
    near = get_close_matches(word[:100].lower(), spellings, n=1)
    return f"did you mean {spellings[near[0]]}?" if near else otherwise
