"""PromQL as all panels write it: within the chosen namespace, rates over the interval that Grafana picks."""

SCOPE = 'namespace="$namespace"'
METHOD = 'method=~"$method"'
MODEL = 'model=~"$model"'
POD = 'pod=~"$pod"'


def of(metric: str, *matchers: str) -> str:
    """Return a metric of the chosen namespace."""
    return f"{metric}{{{', '.join((SCOPE, *matchers))}}}"


def rate(metric: str, *matchers: str) -> str:
    """Return how fast a counter grows, per second."""
    return f"rate({of(metric, *matchers)}[$__rate_interval])"


def sum_rate(by: str, metric: str, *matchers: str) -> str:
    """Return that, added up by labels; "" adds up everything."""
    return f"sum{_by(by)}({rate(metric, *matchers)})"


def quantile(share: float, by: str, histogram: str, *matchers: str) -> str:
    """Return a quantile of a histogram, by labels."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, {sum_rate(labels, f'{histogram}_bucket', *matchers)})"


def mean(by: str, histogram: str, *matchers: str) -> str:
    """Return the mean of what a histogram has counted, by labels."""
    return ratio(sum_rate(by, f"{histogram}_sum", *matchers), sum_rate(by, f"{histogram}_count", *matchers))


def ratio(part: str, whole: str) -> str:
    """Return one expression divided by another; no value where the second is zero."""
    return f"{part} / ({whole} > 0)"


def _by(labels: str) -> str:
    return f" by ({labels}) " if labels else ""
