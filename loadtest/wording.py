"""Numbers as text, with as many digits as a reader can use."""


def per_second(value: float) -> str:
    """Return a rate."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def milliseconds(value: float) -> str:
    """Return a latency."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def times(value: float) -> str:
    """Return a ratio."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
