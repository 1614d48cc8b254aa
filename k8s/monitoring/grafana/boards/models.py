"""The dashboard of models and batches: whether merging pays, and where calls wait."""

from k8s.monitoring.grafana import colours
from k8s.monitoring.grafana.promql import METHOD, MODEL, mean, of, quantile, ratio, sum_rate
from k8s.monitoring.grafana.spec import Board, Heat, Limits, Line, Lines, Number, Query, Section, Table

_BATCH = "scoring_batch_size"
_CALL = "scoring_model_call_duration_seconds"
_CALLS = "scoring_model_calls_total"
_STAGE = "scoring_stage_duration_seconds"
_EXECUTIONS = "nv_inference_exec_count"
_MICROSECONDS = 1_000_000

_SERVED = Table(
    title="Versions that answered last",
    about="What each gateway heard from Triton last. During a roll-out two versions stand here; afterwards one. An "
    "empty engine: Triton did not say.",
    queries=(Query(f"count by (model, version, engine) ({of('scoring_model_info', MODEL)})"),),
    columns={"model": "Model", "version": "Version", "engine": "Engine", "Value": "Gateway workers"},
)
_EXECUTED_BY = Table(
    title="Versions that Triton runs",
    about="Inferences per second of each version (with OpenVINO: calls). One that stays at 0 is loaded for nothing.",
    queries=(Query(sum_rate("model, version", "nv_inference_count", MODEL)),),
    columns={"model": "Model", "version": "Version", "Value": "Inferences/s"},
    unit="ops",
    runbooks=("ScoringModelVersionsDiffer",),
)
_BREAKERS = Number(
    title="Tritons left alone",
    about="Tritons (per model and gateway) that get no calls because others failed. Good is 0; one for a second is "
    "a restart; one that stays is a broken pod: see its log, delete it.",
    queries=(Query(f"sum({of('scoring_triton_open_breakers')})"),),
    limits=Limits(doubtful=1, bad=2),
    runbooks=("ScoringBreakersOpen",),
)
_STANDING_IN = Number(
    title="Calls to stand-ins",
    about="Calls per second with images that Tritons of the fallback pool took, because none of the first could. "
    "They are slower. Good is 0 once the GPU pool is up.",
    queries=(Query(f"sum(rate({of('scoring_triton_fallback_calls_total')}[$__rate_interval]))"),),
    unit="ops",
    limits=Limits(doubtful=0.01, bad=1),
    runbooks=("ScoringGpuPoolSkipped",),
)

_MERGED = Lines(
    title="Items in a call",
    about="Mean questions or images that the gateway merged into one call. 1 under load: callers come one after "
    "another, or max_calls is so high that nothing waits long enough to be merged.",
    queries=(Query(mean("model", _BATCH, MODEL), "{{model}}"),),
)
_BATCHES = Heat(
    title="Calls by number of items",
    about="How many calls per second carried how many items. All at the top: the batch limit binds, a higher one "
    "may pay (scoring tune). All at the bottom under load: merging is not at work.",
    queries=(Query(sum_rate("le", f"{_BATCH}_bucket", MODEL), "{{le}}"),),
)
_EXECUTED = Lines(
    title="Items in an execution of Triton",
    about="Mean batch that the engine ran. Above the gateway's: Triton's own batcher merges calls of several gateways. "
    "1 with OpenVINO, for which Triton counts calls, not items. Nothing is padded: no work is wasted on empty places.",
    queries=(
        Query(
            ratio(sum_rate("model", "nv_inference_count", MODEL), sum_rate("model", _EXECUTIONS, MODEL)), "{{model}}"
        ),
    ),
)
_LOST = Lines(
    title="Lost by waiting for a batch",
    about="Mean time from being ready until a call begins, for each method. Merging adds next to none of it while "
    "there are free calls; what stands here is a queue.",
    queries=(Query(mean("method", _STAGE, METHOD, 'stage="wait"'), "{{method}}"),),
    unit="s",
)
_GAINED = Lines(
    title="Time of a call for each item",
    about="Duration of calls divided by the items in them: what one item costs. It should fall as batches grow: "
    "that is what waiting buys. If it does not, smaller batches answer sooner at the same cost.",
    queries=(
        Query(ratio(sum_rate("model", f"{_CALL}_sum", MODEL), sum_rate("model", f"{_BATCH}_sum", MODEL)), "{{model}}"),
    ),
    unit="s",
)
_ALONE = Lines(
    title="Calls with a single item",
    about="Share of calls that carried one item only. High is right at low load, and a waste at high load.",
    queries=(
        Query(
            ratio(
                sum_rate("model", f"{_BATCH}_bucket", MODEL, 'le=~"1|1.0"'),
                sum_rate("model", f"{_BATCH}_count", MODEL),
            ),
            "{{model}}",
        ),
    ),
    unit="percentunit",
    most=1,
)

_QUEUED = Lines(
    title="Waiting in the gateways",
    about="Questions or images that wait for a call, all gateways together. The first queue to form: what the "
    "autoscaler reads. Short peaks are bursts; a plateau means too few Tritons.",
    queries=(Query(f"sum by (model) ({of('scoring_queued_items', MODEL)})", "{{model}}"),),
)
_PENDING = Lines(
    title="Waiting in Triton",
    about="Calls that wait in Triton now. It forms last, for each gateway has few calls under way. High while the "
    "executions fall: Triton is stuck, delete the pod.",
    queries=(Query(f"sum by (model, pod) ({of('nv_inference_pending_request_count', MODEL)})", "{{model}} {{pod}}"),),
    runbooks=("ScoringTritonHangs", "ScoringTritonFallsBehind"),
)
_EXECUTIONS_LINES = Lines(
    title="Executions",
    about="Batches per second that the engines ran. Falling while something waits: Triton is stuck.",
    queries=(Query(sum_rate("model, pod", _EXECUTIONS, MODEL), "{{model}} {{pod}}"),),
    unit="ops",
)


def _part(name: str) -> str:
    spent = sum_rate("", f"nv_inference_{name}_duration_us", MODEL)
    return f"{ratio(spent, sum_rate('', 'nv_inference_request_success', MODEL))} / {_MICROSECONDS}"


_PARTS = Lines(
    title="A call in Triton, part by part",
    about="Mean time of a call in Triton. queue: waiting for the engine, too few instances. infer: the model. input "
    "and output: copies, which should be small. Choose one model to read it.",
    queries=(
        Query(_part("queue"), "queue"),
        Query(_part("compute_input"), "input"),
        Query(_part("compute_infer"), "infer"),
        Query(_part("compute_output"), "output"),
    ),
    unit="s",
    stacked=True,
    colours=colours.PARTS,
)
_QUEUE_RATIO = Lines(
    title="Queue to compute",
    about="Time in Triton's queue for each second of compute, over five minutes. Below 0.5: room. Above 1: calls "
    "wait longer than they are worked on; add Tritons. It is counted when calls end: it lags behind 'Waiting'.",
    queries=(Query('scoring:triton_queue_compute:ratio_rate5m{model=~"$model"}', "{{model}} {{pool}}"),),
    limits=Limits(doubtful=0.5, bad=1),
)
_OUTCOMES = Lines(
    title="Calls by outcome",
    about="Calls of the gateways to Triton. cancelled: nobody waited any more. model-fault: the model failed on "
    "this input or in general, see Triton's log. model-unavailable: no Triton could be reached.",
    queries=(Query(sum_rate("model, outcome", _CALLS, MODEL), "{{model}} {{outcome}}"),),
    unit="ops",
    runbooks=("ScoringModelCallsFail", "ScoringModelNotReady"),
)
_CALL_TIMES = Lines(
    title="Duration of a call",
    about="From the gateway's view, network and Triton's queue included. Far above 'A call in Triton': the network, "
    "or a Triton without processors to answer.",
    queries=(
        Query(quantile(0.5, "model", _CALL, MODEL), "p50 {{model}}"),
        Query(quantile(0.99, "model", _CALL, MODEL), "p99 {{model}}"),
    ),
    unit="s",
    colours=colours.QUANTILES,
)
_UNDER_WAY = Lines(
    title="Calls under way",
    about="Calls to all Tritons, by gateway. At its bound (max_calls plus max_image_calls for each worker) all the "
    "time: Triton is the bottleneck.",
    queries=(Query(f"sum by (pod) ({of('scoring_triton_calls_in_flight')})", "{{pod}}"),),
)
_AGAIN = Lines(
    title="Calls made again",
    about="Calls per second that failed at one Triton and were made at another: what roll-outs and crashes cost. "
    "Good is 0 beyond them; a tenth of all calls is the most.",
    queries=(Query(f"sum by (pod) (rate({of('scoring_triton_retries_total')}[$__rate_interval]))", "{{pod}}"),),
    unit="ops",
)
_FAILED = Lines(
    title="Failures in Triton by reason",
    about="Good is 0. REJECTED: its queue was full. CANCELED: the gateway gave up, often a deadline. BACKEND: the "
    "engine failed. OTHER: a request that it did not take.",
    queries=(Query(sum_rate("model, reason", "nv_inference_request_failure", MODEL), "{{model}} {{reason}}"),),
    unit="ops",
)

MODELS = Board(
    uid="scoring-models",
    title="Scoring: Models and batching",
    about="What the models do: versions, batches and whether they pay, queues, calls to Triton.",
    variables=("model", "method"),
    sections=(
        Section("Now", (Line(6, (_SERVED, _EXECUTED_BY, _BREAKERS, _STANDING_IN)),)),
        Section("Do batches pay?", (Line(8, (_MERGED, _BATCHES, _EXECUTED)), Line(8, (_LOST, _GAINED, _ALONE)))),
        Section("Queues", (Line(8, (_QUEUED, _PENDING, _EXECUTIONS_LINES)), Line(8, (_PARTS, _QUEUE_RATIO)))),
        Section("Calls to Triton", (Line(8, (_OUTCOMES, _CALL_TIMES)), Line(7, (_UNDER_WAY, _AGAIN, _FAILED)))),
    ),
)
