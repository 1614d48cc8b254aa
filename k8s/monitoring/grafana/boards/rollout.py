"""The dashboard to watch while something is rolled out: old and new side by side."""

from k8s.monitoring.grafana.promql import METHOD, MODEL, POD, of, quantile, rate, ratio, sum_rate
from k8s.monitoring.grafana.spec import Board, Limits, Line, Lines, Number, Query, Section, Table

_REQUESTS = "scoring_requests_total"
_FAILED = 'status=~"5.."'
_SUCCESS, _FAILURE = "nv_inference_request_success", "nv_inference_request_failure"
_MICROSECONDS = 1_000_000
# A pod runs one version of the gateway, whatever the number of its workers.
_VERSION = f"on (pod) group_left (version) max by (pod, version) ({of('scoring_build_info', POD)})"


def _by_version(metric: str, *matchers: str) -> str:
    return f"sum by (version) (sum by (pod) ({rate(metric, POD, METHOD, *matchers)}) * {_VERSION})"


def _failed_share(by: str) -> str:
    failed = f"({sum_rate(by, _REQUESTS, POD, METHOD, _FAILED)} or 0 * {sum_rate(by, _REQUESTS, POD, METHOD)})"
    return ratio(failed, sum_rate(by, _REQUESTS, POD, METHOD))


_GATEWAYS = Table(
    title="Gateways and their versions",
    about="Workers of each version. During a roll-out two versions stand here, afterwards one.",
    queries=(Query(f"count by (version, python, pod) ({of('scoring_build_info', POD)})"),),
    columns={"version": "Version", "python": "Python", "pod": "Pod", "Value": "Workers"},
)
_MODELS = Table(
    title="Model versions and who answered last with them",
    about="During a roll-out of a model gateways hear of both versions; afterwards of one. An old one that stays: a "
    "Triton was not replaced.",
    queries=(Query(f"count by (model, version, engine, pod) ({of('scoring_model_info', POD)})"),),
    columns={"model": "Model", "version": "Version", "engine": "Engine", "pod": "Gateway", "Value": "Workers"},
)
_AGES = Table(
    title="Since when they run",
    about="Time since each worker of a gateway started. One that is young outside a roll-out: it was restarted, see "
    "the log query restarts.",
    queries=(Query(f"time() - {of('process_start_time_seconds', POD)}"),),
    columns={"pod": "Pod", "worker": "Worker", "Value": "Age"},
    unit="s",
)
_RESTARTS = Number(
    title="Restarts in the last hour",
    about="Containers that were started again, in all pods. Good is 0: a roll-out makes new pods and restarts none. "
    "Else see the log query restarts for the reason.",
    queries=(Query(f"sum(increase({of('kube_pod_container_status_restarts_total')}[1h]))"),),
    limits=Limits(doubtful=1, bad=3),
    decimals=0,
    runbooks=("ScoringWorkersRestart",),
)
_READY = Lines(
    title="Pods of each deployment",
    about="Wanted, of the new template, and ready. In a roll-out ready never falls below wanted: one more is "
    "started before one goes. New pods that do not become ready: kubectl rollout undo.",
    queries=(
        Query(of("kube_deployment_spec_replicas"), "{{deployment}} wanted"),
        Query(of("kube_deployment_status_replicas_updated"), "{{deployment}} new"),
        Query(of("kube_deployment_status_replicas_available"), "{{deployment}} ready"),
    ),
    runbooks=("ScoringRolloutStuck",),
)

_SHARE = Lines(
    title="Requests by version of the gateway",
    about="How the new version takes over. It should follow the pods; less: new pods are not asked.",
    queries=(Query(_by_version(_REQUESTS), "{{version}}"),),
    unit="reqps",
    stacked=True,
)
_FAILED_BY_VERSION = Lines(
    title="Failed by version of the gateway",
    about="Share of requests with status 500 and above. Higher for the new version: undo the roll-out.",
    queries=(
        Query(
            f"({_by_version(_REQUESTS, _FAILED)} or 0 * {_by_version(_REQUESTS)}) / ({_by_version(_REQUESTS)} > 0)",
            "{{version}}",
        ),
    ),
    unit="percentunit",
    limits=Limits(doubtful=0.001, bad=0.01),
)
_SLOWEST_BY_POD = Lines(
    title="p99 by gateway",
    about="One pod far above the others: a bad node, or a version that is slower. A new pod is slow for its first "
    "seconds.",
    queries=(Query(quantile(0.99, "pod", "scoring_request_duration_seconds", POD, METHOD), "{{pod}}"),),
    unit="s",
)
_BY_POD = Lines(
    title="Requests by gateway",
    about="Even is good. A new pod that gets nothing: old connections; they are closed and opened anew in time.",
    queries=(Query(sum_rate("pod", _REQUESTS, POD, METHOD), "{{pod}}"),),
    unit="reqps",
    stacked=True,
)
_FAILED_BY_POD = Lines(
    title="Failed by gateway",
    about="Share of requests with status 500 and above. One pod alone: delete it. All: look at Triton.",
    queries=(Query(_failed_share("pod"), "{{pod}}"),),
    unit="percentunit",
    limits=Limits(doubtful=0.001, bad=0.01),
)
_CUT = Lines(
    title="Refused while pods go",
    about="Requests told that the service is not ready or its model is not there. Good is 0 in a roll-out, too: "
    "drain delay and preStop exist for that. Else see docs/operations.md, 'Stopping and rolling out'.",
    queries=(
        Query(
            sum_rate("pod, reason", "scoring_refusals_total", POD, METHOD, 'reason=~"not-ready|model-unavailable"'),
            "{{reason}} {{pod}}",
        ),
    ),
    unit="reqps",
)

_CALLS = Lines(
    title="Calls by model version",
    about="Which version answers, by Triton. A new one takes over pod by pod.",
    queries=(Query(sum_rate("model, version", _SUCCESS, MODEL), "{{model}} version {{version}}"),),
    unit="ops",
    stacked=True,
)
_TIME = Lines(
    title="Compute time by model version",
    about="Mean time that the engine spends on a call. A new version that is slower needs more pods, or another "
    "config.",
    queries=(
        Query(
            ratio(
                sum_rate("model, version", "nv_inference_compute_infer_duration_us", MODEL),
                sum_rate("model, version", _SUCCESS, MODEL),
            )
            + f" / {_MICROSECONDS}",
            "{{model}} version {{version}}",
        ),
    ),
    unit="s",
)
_BROKEN = Lines(
    title="Failed calls by model version",
    about="Good is 0. The new version alone: roll its release back (set the pool's MODELS_RELEASE to the former one).",
    queries=(Query(sum_rate("model, version, reason", _FAILURE, MODEL), "{{model}} version {{version}} {{reason}}"),),
    unit="ops",
)

ROLLOUT = Board(
    uid="scoring-rollout",
    title="Scoring: Roll-out",
    about="What changes while a gateway or a model is rolled out: versions side by side, errors, starts.",
    variables=("method", "model", "pod"),
    sections=(
        Section("What runs", (Line(7, (_GATEWAYS, _MODELS, _AGES)), Line(7, (_RESTARTS, _READY)))),
        Section(
            "Gateways",
            (Line(8, (_SHARE, _FAILED_BY_VERSION, _SLOWEST_BY_POD)), Line(8, (_BY_POD, _FAILED_BY_POD, _CUT))),
        ),
        Section("Models", (Line(8, (_CALLS, _TIME, _BROKEN)),)),
    ),
)
