"""Where the runbook of an alert stands: the rules say so."""

from functools import cache

from k8s.monitoring.rule_files import alerts


def runbook_path(alert: str) -> str:
    """Return the path of an alert's runbook in the repository. Raises KeyError where no rule file has that alert."""
    return _paths()[alert]


@cache
def _paths() -> dict[str, str]:
    return {rule["alert"]: rule["annotations"]["runbook_url"] for rule in alerts()}
