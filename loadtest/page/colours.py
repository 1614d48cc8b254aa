"""The colours of pages and pictures, light and dark.

Pictures are drawn in the light ones; each becomes a CSS variable of the page, so that a picture follows the reader's
colour scheme. Use these constants wherever matplotlib takes a colour.
"""

from typing import NamedTuple

INK, SOFT, GRID, PAPER = "#1c2530", "#5b6876", "#dfe5ea", "#ffffff"
GOOD, DOUBT, BAD = "#1a7f4b", "#a15c00", "#b3261e"
# One quantity from little to much.
RAMP = ("#b3d3f1", "#8bbae7", "#5f9dd8", "#3a7dc0", "#1f5f9f", "#0f3f70")
LOW, MIDDLE, HIGH = RAMP[1::2]  # for instance p50, p90, p99
# Things that differ in kind; readable beside each other with any kind of colour vision.
SERIES = ("#2a78c2", "#d9772b", "#3c8d5a", "#8a63c9", "#b8901d", "#1d8f98", "#c2528b", "#7a828c")


class Colour(NamedTuple):
    """A CSS variable with its two values."""

    name: str
    light: str
    dark: str


_DARK_RAMP = ("#2f5479", "#3a6c9e", "#4785c2", "#65a1de", "#93c1f0", "#cbe3fb")
_DARK_SERIES = ("#6aaef0", "#f0974f", "#5fbf84", "#b093f2", "#e0bb4b", "#4fc4cd", "#ea86b6", "#a3acb6")
COLOURS = (
    Colour("ink", INK, "#e6ebf0"),
    Colour("soft", SOFT, "#9aa7b4"),
    Colour("grid", GRID, "#2e3944"),
    Colour("paper", PAPER, "#1a222b"),
    Colour("good", GOOD, "#4cc287"),
    Colour("doubt", DOUBT, "#e0a04b"),
    Colour("bad", BAD, "#ff8a80"),
    *(Colour(f"ramp-{place}", *pair) for place, pair in enumerate(zip(RAMP, _DARK_RAMP, strict=True))),
    *(Colour(f"series-{place}", *pair) for place, pair in enumerate(zip(SERIES, _DARK_SERIES, strict=True))),
)
