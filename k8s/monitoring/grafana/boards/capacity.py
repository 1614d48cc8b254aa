"""The dashboard of capacity: how much room is left, and what the autoscalers see."""

from k8s.monitoring.grafana.promql import MODEL, of, rate, ratio
from k8s.monitoring.grafana.scalers import triggers
from k8s.monitoring.grafana.spec import Board, Limits, Line, Lines, Number, Query, Section

_GATEWAY = 'container="gateway"'
_TRITON = 'container="triton"'
_NONE = '""'  # cAdvisor's sum of a whole pod
_FULL = Limits(doubtful=0.8, bad=0.9)  # of what a pod may have


def _ready(title: str, deployment: str, about: str) -> Number:
    chosen = f'deployment="{deployment}"'
    return Number(
        title=title,
        about=about,
        queries=(Query(f"sum({of('kube_deployment_status_replicas_available', chosen)})"),),
        none="not deployed",
    )


_GATEWAYS = _ready("Gateways ready", "gateway", "Pods that are ready. At least two, so that one may go.")
_CPU_POOL = _ready(
    "CPU Tritons ready", "triton-cpu", "Pods that are ready. They answer questions, and pictures where no GPU does."
)
_GPU_POOL = _ready(
    "GPU Tritons ready",
    "triton-gpu",
    "Pods that are ready, with one GPU each. 0 is right where the pool starts from zero.",
)
_PENDING = Number(
    title="Pods without a node",
    about="Good is 0. While a node boots (minutes, with a GPU) some are right; if it lasts, the pool's limit or the "
    "subscription's quota is reached: kubectl describe pod says which.",
    queries=(Query("sum(" + of("kube_pod_status_phase", 'phase="Pending"') + ")"),),
    limits=Limits(doubtful=1, bad=3),
)

_REPLICAS = Lines(
    title="Pods that the autoscaler wants",
    about="Between its least and its most. At its most for long: raise it, or the objectives suffer. Up and down "
    "every few minutes: lengthen its stabilisation.",
    queries=(
        Query(of("kube_horizontalpodautoscaler_status_desired_replicas"), "{{horizontalpodautoscaler}} wants"),
        Query(of("kube_horizontalpodautoscaler_status_current_replicas"), "{{horizontalpodautoscaler}} has"),
        Query(of("kube_horizontalpodautoscaler_spec_max_replicas"), "{{horizontalpodautoscaler}} at most"),
    ),
)


def _wanted(name: str, title: str, about: str) -> Lines:
    asked = (Query(f"({each.query}) / {each.threshold}", each.name) for each in triggers(name))
    return Lines(
        title=title,
        about="Pods that each of KEDA's triggers asks for: its own query, divided by its threshold. The highest wins. "
        + about,
        queries=tuple(asked),
    )


_GATEWAYS_WANTED = _wanted(
    "gateway", "Gateways: what the triggers ask for", "cores: decoding and requests. questions-held: callers that wait."
)
_CPU_WANTED = _wanted(
    "triton-cpu",
    "Tritons on CPUs: what the triggers ask for",
    "pending: calls that wait in Triton. queue-to-compute: how long, for each second of work.",
)
_GPU_WANTED = _wanted(
    "triton-gpu",
    "Tritons on GPUs: what the triggers ask for",
    "images-asked-for decides in the variant from zero alone: whether there is a GPU at all.",
)
_ADMITTED = Lines(
    title="Room that is taken",
    about="Questions and images that the fullest worker of a gateway holds, as a share of max_waiting and "
    "max_waiting_images. At 1 callers get 503. High for minutes: slow bodies, or Tritons that fall behind.",
    queries=(
        Query(
            f"max by (model, pod) ({of('scoring_admitted_items', MODEL)}) "
            "/ on (model) group_left () scoring:room:items",
            "{{model}} {{pod}}",
        ),
    ),
    unit="percentunit",
    limits=_FULL,
    runbooks=("ScoringRoomNearlyFull",),
)
_BYTES = Lines(
    title="Bytes held",
    about="Of admitted requests, in a worker. Their rooms are 64 MB for questions and 320 MB for images "
    "(max_waiting_bytes, max_waiting_image_bytes); they are part of the pod's memory.",
    queries=(Query(f"max by (model, pod) ({of('scoring_admitted_bytes', MODEL)})", "{{model}} {{pod}}"),),
    unit="bytes",
)


def _of_limit(used: str, resource: str, container: str) -> Query:
    limit = of("kube_pod_container_resource_limits", container, f'resource="{resource}"')
    return Query(f"sum by (pod) ({used}) / sum by (pod) ({limit})", "{{pod}}")


def _processors(title: str, container: str, about: str) -> Lines:
    used = rate("container_cpu_usage_seconds_total", container)
    return Lines(
        title=title,
        about=about,
        queries=(_of_limit(used, "cpu", container),),
        unit="percentunit",
        limits=_FULL,
    )


def _memory(title: str, container: str, about: str) -> Lines:
    used = of("container_memory_working_set_bytes", container)
    return Lines(
        title=title,
        about=about,
        queries=(_of_limit(used, "memory", container),),
        unit="percentunit",
        limits=_FULL,
    )


_GATEWAY_CPU = _processors(
    "Gateway: processors",
    _GATEWAY,
    "Of the pod's limit. Near 1: decoding of pictures, or requests as such; add gateways, or cores and workers.",
)
_GATEWAY_MEMORY = _memory(
    "Gateway: memory", _GATEWAY, "Of the pod's limit. A pod that reaches 1 is killed. It follows the bytes held."
)
_PROCESS_CPU = Lines(
    title="Gateway: processors of each worker",
    about="Cores that a worker uses. One worker uses about one core and what decoding takes beside it; one at 1 "
    "while others idle: connections are spread unevenly.",
    queries=(Query(f"sum by (pod, worker) ({rate('process_cpu_seconds_total')})", "{{pod}} {{worker}}"),),
)
_PROCESS_MEMORY = Lines(
    title="Gateway: memory of each worker",
    about="Resident memory. A staircase over days is a leak; restart the pods and report it.",
    queries=(Query(f"sum by (pod, worker) ({of('process_resident_memory_bytes')})", "{{pod}} {{worker}}"),),
    unit="bytes",
)
_CONNECTIONS = Lines(
    title="Gateway: HTTP connections",
    about="Of the worker with the most, as a share of max_connections. At 1 nobody else gets in. One pod far above "
    "the others: a balancer that pins callers.",
    queries=(
        Query(
            f"max by (pod) ({of('scoring_http_connections')}) / on () group_left () scoring:http_connections:bound",
            "{{pod}}",
        ),
    ),
    unit="percentunit",
    limits=_FULL,
    runbooks=("ScoringConnectionsNearLimit",),
)
_DESCRIPTORS = Lines(
    title="Gateway: file descriptors",
    about="Share of the open files and connections that a worker may have. At 1 it accepts no more: raise the "
    "limit, or lower max_connections.",
    queries=(
        Query(
            f"max by (pod, worker) ({of('process_open_fds')} / {of('process_max_fds')})",
            "{{pod}} {{worker}}",
        ),
    ),
    unit="percentunit",
    limits=_FULL,
)

_TRITON_CPU = _processors(
    "Triton: processors",
    _TRITON,
    "Of the pod's limit. On the CPU pool near 1 is good: engines use whole cores. On the GPU pool it should be low.",
)
_TRITON_MEMORY = _memory(
    "Triton: memory",
    _TRITON,
    "Of the pod's limit. It rises to a plateau (engines keep their arena); at 1 the pod is killed.",
)
_THROTTLED = Lines(
    title="Throttled periods",
    about="Share of scheduling periods in which a container wanted more than its limit and was stopped. Good is 0; "
    "above it threads outnumber cores: see the engine's thread counts.",
    queries=(
        Query(
            ratio(
                f"sum by (pod, container) ({rate('container_cpu_cfs_throttled_periods_total', 'container!=' + _NONE)})",
                f"sum by (pod, container) ({rate('container_cpu_cfs_periods_total', 'container!=' + _NONE)})",
            ),
            "{{pod}} {{container}}",
        ),
    ),
    unit="percentunit",
    limits=Limits(doubtful=0.05, bad=0.25),
)

_GPU_BUSY = Lines(
    title="GPU: busy",
    about="Share of time in which the GPU did something. Near 1 with a queue: add GPUs. Low with a queue: the "
    "gateway or the network is what lacks.",
    queries=(Query(f"avg by (pod, gpu_uuid) ({of('nv_gpu_utilization')})", "{{pod}} {{gpu_uuid}}"),),
    unit="percentunit",
    most=1,
)
_GPU_MEMORY = Lines(
    title="GPU: memory",
    about="Share of the GPU's memory in use. Engines keep what they once took. Near 1 a larger batch fails.",
    queries=(Query("scoring:gpu_memory:ratio", "{{pod}} {{gpu_uuid}}"),),
    unit="percentunit",
    limits=_FULL,
    most=1,
    runbooks=("ScoringGpuMemoryHigh",),
)
_GPU_POWER = Lines(
    title="GPU: power",
    about="What it draws. At its limit the clock falls, and with it the speed.",
    queries=(Query(f"max by (pod, gpu_uuid) ({of('nv_gpu_power_usage')})", "{{pod}} {{gpu_uuid}}"),),
    unit="watt",
)

CAPACITY = Board(
    uid="scoring-capacity",
    title="Scoring: Capacity",
    about="How much room is left in gateways, Tritons and pools, and what the autoscalers see.",
    variables=("model",),
    sections=(
        Section(
            "Pools", (Line(4, (_GATEWAYS, _CPU_POOL, _GPU_POOL, _PENDING)), Line(8, (_REPLICAS, _ADMITTED, _BYTES)))
        ),
        Section("Autoscalers", (Line(8, (_GATEWAYS_WANTED, _CPU_WANTED, _GPU_WANTED)),)),
        Section(
            "Gateways",
            (
                Line(8, (_GATEWAY_CPU, _GATEWAY_MEMORY, _CONNECTIONS)),
                Line(8, (_PROCESS_CPU, _PROCESS_MEMORY, _DESCRIPTORS)),
            ),
        ),
        Section(
            "Tritons",
            (Line(8, (_TRITON_CPU, _TRITON_MEMORY, _THROTTLED)), Line(8, (_GPU_BUSY, _GPU_MEMORY, _GPU_POWER))),
        ),
    ),
)
