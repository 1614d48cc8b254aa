"""Series as gateways and Tritons expose them and PodMonitors label them."""


def gateway(metric: str, pod: str = "gateway-1", **labels: str) -> str:
    """Return the name of a gateway's series."""
    return _named(metric, job="gateway", pod=pod, **labels)


def triton(metric: str, pod: str = "triton-1", pool: str = "cpu", **labels: str) -> str:
    """Return the name of a Triton's series."""
    return _named(metric, job="triton", pod=pod, pool=pool, **labels)


def requests(status: int, method: str = "faq.match", pod: str = "gateway-1", client: str = "shop") -> str:
    """Return the name of the count of requests that ended so."""
    return gateway("scoring_requests_total", pod, method=method, status=str(status), protocol="http", client=client)


def durations(fast: str, every: str, method: str = "faq.match", bound: str = "0.1") -> dict[str, str]:
    """Return the counts of requests below a bound and of all, as a histogram has them."""
    labels = {"method": method, "protocol": "http"}
    return {
        gateway("scoring_request_duration_seconds_bucket", le=bound, **labels): fast,
        gateway("scoring_request_duration_seconds_bucket", le="+Inf", **labels): every,
        gateway("scoring_request_duration_seconds_count", **labels): every,
    }


def _named(metric: str, **labels: str) -> str:
    shown = [f'{name}="{value}"' for name, value in {"namespace": "scoring", **labels}.items()]
    return f"{metric}{{{', '.join(shown)}}}"
