"""Pages: all parts, nothing from elsewhere, nothing of what they show taken for HTML."""

import re
from pathlib import Path

import pytest

from loadtest import whole_file
from loadtest.errors import LoadTestError
from loadtest.page.layout import Callout, Code, Details, Pairs, Part, Section, Tile, Tiles, page
from loadtest.table import Grid

HOSTILE = "<script>alert('x')</script>\"&"
PARTS: list[Part] = [
    f"text {HOSTILE}",
    Callout("bad", f"callout {HOSTILE}", [f"item {HOSTILE}"]),
    Tiles([Tile(f"tile {HOSTILE}", f"value {HOSTILE}", f"remark {HOSTILE}")]),
    Pairs([(f"name {HOSTILE}", f"of {HOSTILE}")]),
    Code(f"code {HOSTILE}"),
    Grid(f"grid {HOSTILE}", (f"head {HOSTILE}", "n"), [[(f"cell {HOSTILE}", "1")], [("b", "2")]], words=1),
]


def test_whatever_is_shown_stays_text() -> None:
    """No part lets markup through, wherever it stands."""
    made = page(HOSTILE, HOSTILE, [Section(HOSTILE, [*PARTS, Details(HOSTILE, PARTS)])])
    assert "<script" not in made
    for word in ("text", "callout", "item", "tile", "value", "remark", "name", "of", "code", "grid", "head", "cell"):
        assert made.count(f"{word} &lt;script&gt;") >= 2, word


def test_a_page_needs_nothing_else() -> None:
    """Neither other files nor scripts, and its own policy forbids both."""
    made = page("a", "b", [Section("c", PARTS)])
    assert "default-src 'none'" in made
    assert not [word for word in ("http:", "https:", "src=", "url(", "@import") if word in made]


def test_a_table_keeps_its_sections_and_columns() -> None:
    """Words stand left, numbers right, and groups of rows apart."""
    made = page("a", "b", [Section("c", PARTS)])
    assert made.count("<tbody>") == 2
    assert re.search(r'<td class="long">b</td>\s*<td>2</td>', made)


def test_a_page_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """The failure has a hint, and nothing half written is left."""
    with pytest.raises(LoadTestError, match="cannot be written"):
        whole_file.write("page", tmp_path / "missing" / "report.html")
    (tmp_path / "report.html").write_text("before")
    whole_file.write("page", tmp_path / "report.html")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("report.html", "page")]
