"""Where the runbook of an alert stands: the rules say so."""

from functools import cache
from pathlib import Path

import yaml

_RULES = Path(__file__).parents[1] / "rules"


def runbook_url(alert: str) -> str:
    """Return the address of an alert's runbook. Raises KeyError where no rule file has that alert."""
    return _urls()[alert]


@cache
def _urls() -> dict[str, str]:
    return {
        rule["alert"]: rule["annotations"]["runbook_url"]
        for file in sorted(_RULES.glob("*.yaml"))
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
