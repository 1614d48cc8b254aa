"""What an expression asks for is read from it."""

import pytest

from tests.promql import Matcher, Selector, read


@pytest.mark.parametrize(
    ("expr", "selectors", "grouped"),
    [
        ("up", [Selector("up", ())], set()),
        ("sum(rate(a_total[5m])) > 0 and b == bool 1", [Selector("a_total", ()), Selector("b", ())], set()),
        (
            'sum by (le, method) (rate(a{method=~"x|y", status!="503"}[5m:1m] offset 1h))',
            [Selector("a", (Matcher("method", "=~", "x|y"), Matcher("status", "!=", "503")))],
            {"le", "method"},
        ),
        (
            "sum(a) without (pod) * on (pod) group_left (version) max by (pod, version) (b) / 1e3",
            [Selector("a", ()), Selector("b", ())],
            {"pod", "version"},
        ),
        (
            "# c is nothing\nscoring:a:rate5m{x='}'} or vector(0)",
            [Selector("scoring:a:rate5m", (Matcher("x", "=", "}"),))],
            set(),
        ),
        ('{__name__="a", b=""}', [Selector("a", (Matcher("__name__", "=", "a"), Matcher("b", "=", "")))], set()),
        ("histogram_quantile(0.99, a_bucket) unless inf", [Selector("a_bucket", ())], set()),
    ],
)
def test_metrics_and_labels_are_found(expr: str, selectors: list[Selector], grouped: set[str]) -> None:
    """Functions, aggregations, numbers, durations, texts and comments are none."""
    asked = read(expr)
    assert (asked.selectors, asked.grouped) == (selectors, grouped)


def test_labels_that_an_expression_makes_are_known() -> None:
    """`label_replace` names them."""
    asked = read('sum by (pool) (label_replace(a{pod="x"}, "pool", "$1", "pod", "triton-(.*)-.*"))')
    assert asked.made == {"pool"}
    assert asked.selectors == [Selector("a", (Matcher("pod", "=", "x"),))]
