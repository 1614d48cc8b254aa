"""A matplotlib figure as inline SVG whose text is text and whose colours are the page's."""

import re
from collections.abc import Callable, Iterator
from hashlib import blake2s
from io import StringIO
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from loadtest.page.colours import COLOURS, GRID, INK, SOFT

WIDE, NARROW = 9.4, 3.7  # inches: in the page's column, and on a phone; at both widths, text is of the same size
# Names that look like TeX are shown as they are.
_STYLE: Any = {
    "svg.fonttype": "none", "svg.hashsalt": "page", "text.parse_math": False, "font.size": 9, "text.color": INK,
    "axes.edgecolor": SOFT, "axes.labelcolor": SOFT, "axes.grid": True, "axes.axisbelow": True, "axes.titlesize": 9.5,
    "axes.titlelocation": "left", "axes.titlecolor": INK, "axes.spines.top": False, "axes.spines.right": False,
    "grid.color": GRID, "xtick.color": SOFT, "ytick.color": SOFT, "legend.frameon": False, "legend.fontsize": 9,
}  # fmt: skip
_NOTHING = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_TIP = "tip:"
_SVG, _LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_VARIABLES = {colour.light: f"var(--{colour.name}, {colour.light})" for colour in COLOURS}
_FONT = re.compile(r"(?:(?P<weight>bold|\d+) )?(?P<size>[\d.]+)px ")
_LONG = re.compile(r"(\.\d\d)\d+")
_NUMBERS = {"d", "x", "y", "transform", "width", "height"}
_REFERENCE = re.compile(r"#([\w-]+)")


class Picture(NamedTuple):
    """The same picture for a wide and for a narrow page, as SVG; `caption` is shown below it."""

    wide: str
    narrow: str
    caption: str


def drawn(
    draw: Callable[[Figure], None], label: str, height: float, *, tall: float = 1.0, caption: str = ""
) -> Picture:
    """Draw a picture `height` inches high, `tall` times as high where it is narrow.

    `label` says what it shows to those who cannot see it. `draw` is called twice, see `is_narrow`, with matplotlib
    set to the page's style: take colours from `loadtest.page.colours` alone.
    """
    return Picture(_drawn(draw, label, WIDE, height), _drawn(draw, label, NARROW, height * tall), caption)


def _drawn(draw: Callable[[Figure], None], label: str, width: float, height: float) -> str:
    with rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        return svg(figure, label)


def is_narrow(figure: Figure) -> bool:
    """Tell whether a picture is drawn for a phone."""
    return bool(figure.get_figwidth() < WIDE)


def tip(artist: Artist, text: str) -> None:
    """Show a text where the pointer rests on something."""
    artist.set_gid(_TIP + text)


def svg(figure: Figure, label: str) -> str:
    """Return an <svg> element to be put into a page: the same for the same figure, without fonts, dates and styles.

    Its ids are its own, so that several fit into one page.
    """
    file = StringIO()
    with rc_context(_STYLE):
        figure.savefig(file, format="svg", transparent=True, metadata=_NOTHING)
    text = file.getvalue()
    root = ET.fromstring(text)  # noqa: S314  matplotlib's own
    own = blake2s(text.encode(), digest_size=4).hexdigest()
    used = set(_references(root))
    for element in root.iter():
        _clean(element, used, own)
    box = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-label": label}
    root.attrib = {**box, "stroke-linejoin": "round", "stroke-linecap": "butt"}
    return ET.tostring(root, encoding="unicode")


def _references(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        for name in (_LINK, "clip-path"):
            yield from _REFERENCE.findall(element.get(name, ""))


def _clean(element: ET.Element, used: set[str], own: str) -> None:
    element.tag = element.tag.removeprefix(_SVG)
    element.tail = None
    element.text = (element.text or "").strip()
    for child in list(element):
        if child.tag in {f"{_SVG}style", f"{_SVG}metadata"}:
            element.remove(child)
    name = element.attrib.pop("id", "")
    if name in used:
        element.set("id", f"{name}-{own}")
    elif name.startswith(_TIP):
        title = ET.Element(f"{_SVG}title")
        title.text = name.removeprefix(_TIP)
        element.insert(0, title)
    if _LINK in element.attrib:
        element.set("href", f"{element.attrib.pop(_LINK)}-{own}")
    if "clip-path" in element.attrib:
        element.set("clip-path", _REFERENCE.sub(rf"#\1-{own}", element.attrib["clip-path"]))
    element.attrib.update(_presentation(element.attrib.pop("style", "")))
    for name in _NUMBERS & element.attrib.keys():
        element.set(name, _LONG.sub(r"\1", " ".join(element.attrib[name].split())))


def _presentation(style: str) -> dict[str, str]:
    """Return a style as attributes, which no content security policy forbids; fonts are the page's."""
    pairs = (each.partition(":") for each in style.split(";") if each.strip())
    found = {name.strip(): value.strip() for name, _, value in pairs}
    found.pop("font-family", None)
    if font := _FONT.match(found.pop("font", "")):
        found |= {"font-size": font["size"], "font-weight": font["weight"] or "normal"}
    return {name: _VARIABLES.get(value, value) for name, value in found.items()}
