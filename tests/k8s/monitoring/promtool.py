"""Promtool: whether files are sound, and what rules and queries say of series that are made up."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
import yaml

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool, which runs the rules, is not installed"
)

Series = Mapping[str, str]  # values in promtool's notation, one a minute


class Case(NamedTuple):
    """What is going on, told by series, and how many alerts of a name fire then."""

    alert: str
    what: str
    series: Series
    at: str
    firing: int = 1

    def __str__(self) -> str:
        return f"{self.alert}: {self.what}"

    def check(self, rules: Path, every: str = "1m") -> None:
        """Evaluate the rules of a file, so often, and look at the alert."""
        firing = f'count(ALERTS{{alertname="{self.alert}", alertstate="firing"}}) or vector(0)'
        verify(self.series, {firing: float(self.firing)}, self.at, rules, every)


def check(what: str, *files: Path) -> str:
    """Check files of a kind (rules, config), and return what is said of them."""
    done = subprocess.run(["promtool", "check", what, *files], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _groups(rules: Path) -> list[str]:
    return [group["name"] for group in yaml.safe_load(rules.read_text())["groups"]]


def verify(
    series: Series, expected: Mapping[str, float | None], at: str, rules: Path | None = None, every: str = "1m"
) -> None:
    """Check the value of expressions that have one and no labels, at a time such as 10m; None stands for no value.

    They may ask for what the rules of a file record.
    """
    document = {
        "rule_files": [str(rules)] if rules else [],
        "evaluation_interval": every,
        "group_eval_order": _groups(rules) if rules else [],  # else any group may come first, and see what is old
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": [_expectation(expr, value, at) for expr, value in expected.items()],
            }
        ],
    }
    with TemporaryDirectory() as folder:
        path = Path(folder, "test.yaml")
        path.write_text(json.dumps(document))
        done = subprocess.run(
            ["promtool", "test", "rules", path], capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def _expectation(expr: str, value: float | None, at: str) -> dict[str, object]:
    # Floats are compared to the last bit: the expression itself tells whether it is near.
    near = f"abs(({expr}) - {value}) < bool 0.001" if value is not None else expr
    samples = [{"labels": "{}", "value": 1}] if value is not None else []
    return {"expr": near, "eval_time": at, "exp_samples": samples}
