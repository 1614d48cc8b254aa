"""What is going on in a cluster, and what the queries that scale it say then."""

from typing import NamedTuple

from tests.k8s.monitoring.promtool import Series
from tests.k8s.monitoring.scraped import gateway, triton

_SECOND = 60_000_000  # microseconds in a minute of a counter that counts one second each second
_IDLE = {gateway("scoring_queued_items", model="resnet152", worker="0"): "0x30"}  # a gateway is there


class Situation(NamedTuple):
    """The query of a trigger has this value then: pods times threshold; None leaves it to the fallback."""

    overlay: str
    target: str
    trigger: str
    what: str
    series: Series
    value: float | None


def _pending(pod: str, values: str, pool: str = "cpu", model: str = "resnet152") -> dict[str, str]:
    return {triton("nv_inference_pending_request_count", pod, pool, model=model, version="1"): values}


def _times(pod: str, queued: str, computed: str, pool: str = "cpu") -> dict[str, str]:
    """Microseconds that calls waited, and were computed."""
    return {
        triton("nv_inference_queue_duration_us", pod, pool, model="resnet152", version="1"): queued,
        triton("nv_inference_compute_infer_duration_us", pod, pool, model="resnet152", version="1"): computed,
    }


def _cores(pod: str, values: str, worker: str = "0") -> dict[str, str]:
    return {gateway("process_cpu_seconds_total", pod, worker=worker): values}


def _held(pod: str, values: str, model: str = "faq_matcher") -> dict[str, str]:
    return {gateway("scoring_admitted_items", pod, model=model, worker="0"): values}


def _answered(values: str) -> dict[str, str]:
    return {gateway("scoring_items_total", method="images.classify"): values}


def _refused(values: str) -> dict[str, str]:
    return {gateway("scoring_refusals_total", method="images.classify", reason="overloaded"): values}


_TABLE: dict[tuple[str, str, str], list[tuple[str, Series, float | None]]] = {
    ("aks-cpu", "gateway", "cores"): [
        ("idle", _cores("a", "5x30"), 0),
        ("three busy workers", _cores("a", "0+48x30") | _cores("a", "0+48x30", "1") | _cores("b", "0+48x30"), 2.4),
        ("a pod restarts", _cores("a", "900x29 3"), 0.025),
        ("no gateway is scraped", {}, None),
        ("others' processors", {'process_cpu_seconds_total{namespace="kube-system", job="kubelet"}': "0+60x30"}, None),
    ],
    ("aks-cpu", "gateway", "questions-held"): [
        ("idle", _held("a", "0x30"), 0),
        ("two pods", _held("a", "60x30") | _held("b", "20x30") | _held("b", "99x30", "resnet152"), 80),
        ("no gateway is scraped", {}, None),
    ],
    ("aks-cpu", "triton-cpu", "pending"): [
        ("idle", _pending("a", "0x30"), 0),
        ("two of three are busy", _pending("a", "2x30") | _pending("b", "1x30") | _pending("c", "0x30"), 3),
        ("one is sick, and holds all that waits", _pending("a", "50x30") | _pending("b", "0x30"), 3),
        ("both models wait", _pending("a", "1x30") | _pending("a", "1x30", model="faq_matcher"), 2),
        ("the other pool's is not counted", _pending("a", "0x30") | _pending("g", "3x30", "gpu"), 0),
        ("no Triton is scraped", _IDLE, None),
    ],
    ("aks-cpu", "triton-cpu", "queue-to-compute"): [
        ("no traffic: no division by zero", _times("a", "7x30", "9x30"), 0),
        ("nothing was ever computed", _times("a", "0x30", "0x30"), 0),
        ("one call an hour", _times("a", "0x29 300", "0x29 60000"), 0.0025),
        (
            "wait half as long as they are computed",
            _times("a", f"0+{_SECOND // 4}x30", f"0+{_SECOND // 2}x30")
            | _times("b", f"0+{_SECOND // 4}x30", f"0+{_SECOND // 2}x30"),
            1,
        ),
        (
            "one is sick, two are idle",
            _times("a", f"0+{9 * _SECOND}x30", f"0+{_SECOND}x30")
            | _times("b", "0x30", "0x30")
            | _times("c", "0x30", "0x30"),
            3,
        ),
        (
            "all are full",
            _times("a", f"0+{7 * _SECOND}x30", f"0+{_SECOND}x30")
            | _times("b", f"0+{7 * _SECOND}x30", f"0+{_SECOND}x30")
            | _times("c", f"0+{7 * _SECOND}x30", f"0+{_SECOND}x30"),
            9,
        ),
        ("a Triton restarts", _times("a", f"{900 * _SECOND}x15 0x15", f"{900 * _SECOND}x15 0x15"), 0),
        ("no Triton is scraped", _IDLE, None),
    ],
    ("aks-gpu", "triton-gpu", "pending"): [
        ("no pod yet", _IDLE, 0),
        ("calls wait", _IDLE | _pending("g", "2x30", "gpu"), 2),
        ("nothing is scraped", {}, None),
    ],
    ("aks-gpu", "triton-gpu", "queue-to-compute"): [
        ("no pod yet", _IDLE, 0),
        ("the CPU pool is full", _IDLE | _times("a", f"0+{9 * _SECOND}x30", f"0+{_SECOND}x30"), 0),
        ("it is full", _IDLE | _times("g", f"0+{2 * _SECOND}x30", f"0+{_SECOND}x30", "gpu"), 2),
        ("nothing is scraped", {}, None),
    ],
    ("aks", "triton-gpu", "pending"): [
        ("no pod yet", _IDLE, 0),
    ],
    ("aks", "triton-gpu", "queue-to-compute"): [
        ("no pod yet", _IDLE, 0),
    ],
    ("aks", "triton-gpu", "images-asked-for"): [
        ("nobody ever asked", _IDLE, 0),
        ("one in a minute", _IDLE | _answered("0+1x30"), 1 / 60),
        ("all are answered, by CPUs", _IDLE | _answered("0+6000x30"), 100),
        ("half are refused", _IDLE | _answered("0+3000x30") | _refused("0+3000x30"), 100),
        ("all are refused", _IDLE | _refused("0+3000x30"), 50),
        ("nothing is scraped", {}, None),
    ],
}

SITUATIONS = [Situation(*place, *each) for place, situations in _TABLE.items() for each in situations]
