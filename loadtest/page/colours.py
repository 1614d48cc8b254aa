"""The colours of pages and pictures, light and dark.

Pictures are drawn in the light ones; each becomes a CSS variable of the page, so that a picture follows the reader's
colour scheme. Use these constants wherever matplotlib takes a colour.
"""

from typing import NamedTuple

INK, SOFT, GRID, PAPER = "#1c2530", "#5b6876", "#dfe5ea", "#ffffff"
GOOD, DOUBT, BAD = "#1a7f4b", "#a15c00", "#b3261e"
# One quantity from little to much, for instance p50, p90, p99.
LOW, MIDDLE, HIGH = "#92bfea", "#3f88d0", "#0f4c8c"
# Things that differ in kind; readable beside each other with any kind of colour vision.
SERIES = ("#2a78c2", "#d9772b", "#3c8d5a", "#8a63c9", "#b8901d", "#1d8f98", "#c2528b", "#7a828c")


class Colour(NamedTuple):
    """A CSS variable with its two values."""

    name: str
    light: str
    dark: str


_DARK = ("#6aaef0", "#f0974f", "#5fbf84", "#b093f2", "#e0bb4b", "#4fc4cd", "#ea86b6", "#a3acb6")
COLOURS = (
    Colour("ink", INK, "#e6ebf0"),
    Colour("soft", SOFT, "#9aa7b4"),
    Colour("grid", GRID, "#2e3944"),
    Colour("paper", PAPER, "#1a222b"),
    Colour("good", GOOD, "#4cc287"),
    Colour("doubt", DOUBT, "#e0a04b"),
    Colour("bad", BAD, "#ff8a80"),
    Colour("low", LOW, "#2f6196"),
    Colour("middle", MIDDLE, "#5c9fe0"),
    Colour("high", HIGH, "#b9dcff"),
    *(Colour(f"series-{place}", *pair) for place, pair in enumerate(zip(SERIES, _DARK, strict=True))),
)
