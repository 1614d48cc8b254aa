"""Pictures as a part of a page."""

import re
from xml.etree import ElementTree as ET

from matplotlib.figure import Figure

from loadtest.page.axes import logarithmic, number
from loadtest.page.colours import COLOURS, HIGH, LOW
from loadtest.page.picture import NARROW, WIDE, Picture, drawn, is_narrow, tip

HOSTILE = "$x_1$ </svg><script>alert(1)</script>"


def sample(colour: str = HIGH) -> Picture:
    """A picture with a line, a point that tells more, and a legend."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot([1, 2, 3], [1, 5, 2], "o-", color=colour, label=HOSTILE)
        (point,) = axes.plot([2], [3], "o", color=colour)
        tip(point, HOSTILE)
        axes.legend()

    return drawn(draw, HOSTILE, 3.0)


def test_a_picture_is_the_same_each_time() -> None:
    """Two pages of the same report do not differ."""
    assert sample() == sample()


def test_pictures_in_one_page_do_not_share_ids() -> None:
    """A clip path or a marker of one picture is never taken for that of another, the narrow one included."""
    pictures = [each for made in (sample(), sample(LOW)) for each in (made.wide, made.narrow)]
    found = [re.findall(r'id="([^"]+)"', each) for each in pictures]
    assert all(found)
    flat = [each for ids in found for each in ids]
    assert len(set(flat)) == len(flat)
    for ids, picture in zip(found, pictures, strict=True):
        assert set(re.findall(r'(?:href="|url\()#([\w-]+)', picture)) == set(ids)


def test_colours_are_those_of_the_page() -> None:
    """Every colour is a variable, so that nothing is black on black where the reader prefers dark."""
    root = ET.fromstring(sample().wide)
    colours = {element.get(name, "none") for element in root.iter() for name in ("fill", "stroke")}
    assert colours - {"none"} <= {f"var(--{each.name}, {each.light})" for each in COLOURS}
    assert not [element for element in root.iter() if element.tag == "style" or "style" in element.attrib]


def test_text_is_text_and_nothing_else() -> None:
    """Names can be found and copied, and are neither markup nor TeX."""
    root = ET.fromstring(sample().wide)
    assert root.get("aria-label") == HOSTILE
    assert HOSTILE in [element.text for element in root.iter("text")]
    assert [element.text for element in root.iter("title")] == [HOSTILE]
    assert "<script" not in sample().wide


def test_a_phone_gets_a_picture_of_its_own() -> None:
    """It is narrower, and drawing it can be told apart."""
    widths = []

    def draw(figure: Figure) -> None:
        widths.append((figure.get_figwidth(), is_narrow(figure)))

    drawn(draw, "nothing", 2.0)
    assert widths == [(WIDE, False), (NARROW, True)]


def test_colours_can_be_told_apart_when_they_are_replaced() -> None:
    """No two variables have the same light value."""
    assert len({each.light for each in COLOURS}) == len(COLOURS)


def test_numbers_on_axes_are_those_that_people_write() -> None:
    """Neither exponents nor needless digits."""
    assert [number(value) for value in (0.02, 0.5, 3, 20, 3000)] == ["0.02", "0.5", "3", "20", "3,000"]


def test_a_logarithmic_axis_holds_all_values() -> None:
    """What is missing or zero has no place on it, and does not spoil it."""
    axes = Figure().subplots()
    logarithmic(axes, [None, float("nan"), 0.0, 2.0, 900.0])
    low, high = axes.get_ylim()
    assert low < 2
    assert high > 900
    logarithmic(axes, [])
    assert axes.get_ylim()[0] > 0
