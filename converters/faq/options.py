"""What a user can ask of `scoring convert faq`; imports nothing, so that a command line can show it at once."""

from dataclasses import dataclass

DEFAULT_TOP_K = 20


@dataclass(frozen=True)
class Options:
    """`threshold` is the probability from which the best match counts as a good one."""

    top_k: int = DEFAULT_TOP_K
    threshold: float = 0.5
    extend: bool = False
    force: bool = False
