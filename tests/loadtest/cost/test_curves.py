"""What the pictures draw."""

from pathlib import Path

import pytest

from loadtest.cost.costs import Terms
from loadtest.cost.curves import curves, end
from loadtest.cost.page import html
from tests.loadtest.cost.samples import PLAN
from tests.loadtest.cost.test_view import made


def test_staircases_hold_their_corners_alone(tmp_path: Path) -> None:
    """Flat between them, and up by a node at each."""
    model = made(tmp_path, Terms(PLAN)).models[1]
    loads, costs = curves(model, PLAN)[0].steps(100.0)
    assert (loads[0], loads[-1]) == (0, 100)
    assert sorted(set(costs)) == pytest.approx([nodes * 0.2 * 730 for nodes in range(1, 6)])
    assert len(loads) == 10  # two for each of five nodes


def test_what_nobody_measured_is_drawn_at_its_best(tmp_path: Path) -> None:
    """Questions on a GPU node as its processors allow, images without limit: one pool for any load."""
    faq, images = made(tmp_path, Terms(PLAN)).models
    (_, questions), (_, pictures) = curves(faq, PLAN), curves(images, PLAN)
    assert questions.assumed
    assert questions.above is None
    assert questions.pool(8000).nodes == 2
    assert pictures.pool(1e9).nodes == 1
    assert pictures.above == pytest.approx(100)


def test_the_picture_reaches_beyond_what_matters(tmp_path: Path) -> None:
    """Twice the crossing, and beyond the load that was asked for."""
    for load, last in ((None, 200.0), (1000.0, 1300.0)):
        terms = Terms(PLAN, gpu_per_s={"T4": 400.0}, loads={} if load is None else {"images": load})
        model = made(tmp_path, terms).models[1]
        assert end(model, curves(model, PLAN)) == pytest.approx(last)


def test_the_page_says_all_and_needs_nothing(tmp_path: Path) -> None:
    """Verdict, pictures, tables, assumptions, and the source of each price, in one file."""
    shown = html(made(tmp_path, Terms(PLAN, loads={"images": 50.0})))
    for part in ("3 x Small", "need no GPU", "<svg", "in proportion to vCPUs", "a price list", "scoring cost"):
        assert part in shown
    assert "http://" not in shown.replace("http://www.w3.org", "")
