"""The dashboard to look at first: whether callers get answers, and in time."""

from k8s.monitoring.grafana import colours
from k8s.monitoring.grafana.promql import METHOD, mean, of, quantile, rate, ratio, sum_rate
from k8s.monitoring.grafana.spec import Board, Heat, Limits, Line, Lines, Number, Query, Section

_DURATION = "scoring_request_duration_seconds"
_STAGE = "scoring_stage_duration_seconds"
_REQUESTS = "scoring_requests_total"
_FULL, _QUOTA, _GONE = 'status="503"', 'status="429"', 'status="499"'
_FAILED = 'status=~"5..", status!="503"'


def _share(matchers: str) -> tuple[Query, ...]:
    part = f"({sum_rate('', _REQUESTS, METHOD, matchers)} or vector(0))"
    return (Query(ratio(part, sum_rate("", _REQUESTS, METHOD))),)


_READY = Number(
    title="Models that are ready",
    about="Models whose known question or picture got its known answer from some gateway. All of them is good. One "
    "less: its callers get 503; look at Triton (dashboard Models).",
    queries=(Query(f"sum(max by (model) ({of('scoring_model_ready')}))"),),
    limits=Limits(doubtful=2, bad=1, low=True),
    runbooks=("ScoringModelNotReady",),
)
_BUDGET = Number(
    title="Error budget left",
    about="Of 30 days, for each objective: what may still fail or be slow. Below a quarter: no risky roll-outs. "
    "Below 0: the objective was missed.",
    queries=(
        Query(
            "1 - sum_over_time(scoring:slo_failures:rate5m[30d]) "
            "/ (sum_over_time(scoring:slo_requests:rate5m[30d]) > 0) / (1 - scoring:slo:objective)",
            "{{slo}}",
            instant=True,
        ),
    ),
    unit="percentunit",
    limits=Limits(doubtful=0.25, bad=0, low=True),
)
_BURN = Lines(
    title="How fast the error budgets burn: last hour",
    about="1 spends the budget of 30 days in 30 days. Above 14.4, and the last five minutes too, somebody is paged; "
    "'Refusals by reason' and 'Where the time goes' say what happens.",
    queries=(Query("scoring:slo_burn:rate1h", "{{slo}}"), Query("scoring:slo_burn:rate5m", "{{slo}} (5 min)")),
    limits=Limits(doubtful=6, bad=14.4),
    runbooks=("ScoringAvailabilityBurnsFast", "ScoringLatencyBurnsFast"),
)
_SLOW_BURN = Lines(
    title="How fast the error budgets burn: last days",
    about="Above 3 for a day, or above 1 for three days, there is a ticket: small faults that go on use the budget "
    "up, too.",
    queries=(Query("scoring:slo_burn:rate1d", "{{slo}} (1 day)"), Query("scoring:slo_burn:rate3d", "{{slo}} (3 days)")),
    limits=Limits(doubtful=1, bad=3),
    runbooks=("ScoringAvailabilityBurnsSlowly", "ScoringLatencyBurnsSlowly"),
)

_RATE = Number(
    title="Requests",
    about="Requests per second that have ended, whatever their end. A sudden zero: look at the edge (gateway, DNS, "
    "certificate) before you look here.",
    queries=(Query(sum_rate("", _REQUESTS, METHOD)),),
    unit="reqps",
)
_ITEMS = Number(
    title="Answered items",
    about="Questions and images per second. One request may carry many.",
    queries=(Query(sum_rate("", "scoring_items_total", METHOD)),),
    unit="ops",
)
_SLOWEST = Number(
    title="p99",
    about="99 of 100 requests took less. If it is high, 'Where the time goes' says in which stage.",
    queries=(Query(quantile(0.99, "", _DURATION, METHOD)),),
    unit="s",
    limits=Limits(doubtful=1, bad=2.5),
)
_FAILING = Number(
    title="Failed",
    about="Share of requests that ended with 500, 502 or 504: the service's own faults. Good is 0. Else see "
    "'Refusals by reason' and the log query errors-by-kind.",
    queries=_share(_FAILED),
    unit="percentunit",
    limits=Limits(doubtful=0.0005, bad=0.001),
)
_TURNED_AWAY = Number(
    title="Turned away",
    about="Share of requests that ended with 503: the service is full, or a part of it is down. Some are right in a "
    "burst; if it lasts, scale (dashboard Capacity) or look for an open breaker (dashboard Models).",
    queries=_share(_FULL),
    unit="percentunit",
    limits=Limits(doubtful=0.001, bad=0.01),
    runbooks=("ScoringOverloaded",),
)
_OVER_QUOTA = Number(
    title="Over quota",
    about="Share of requests that ended with 429: a client asks more than its key allows. Nothing is wrong with the "
    "service; 'Clients over their quota' says who.",
    queries=_share(_QUOTA),
    unit="percentunit",
    limits=Limits(doubtful=0.01, bad=0.1),
)

_BY_METHOD = Lines(
    title="Requests by method",
    about="Requests per second of each method. A picture costs some hundred times what a question costs: a change "
    "of the mix is a change of load.",
    queries=(Query(sum_rate("method", _REQUESTS, METHOD), "{{method}}"),),
    unit="reqps",
    stacked=True,
)
_BY_OUTCOME = Lines(
    title="Requests by outcome",
    about="Green is answered, yellow the caller's mistake, orange a quota, purple a caller who hung up, dark red a "
    "full service, red a fault of the service. Anything red wants a look.",
    queries=(
        Query(sum_rate("", _REQUESTS, METHOD, 'status=~"2.."'), "2xx answered"),
        Query(sum_rate("", _REQUESTS, METHOD, 'status=~"4..", status!~"429|499"'), "4xx refused"),
        Query(sum_rate("", _REQUESTS, METHOD, _QUOTA), "429 over quota"),
        Query(sum_rate("", _REQUESTS, METHOD, _GONE), "499 hung up"),
        Query(sum_rate("", _REQUESTS, METHOD, _FULL), "503 full or down"),
        Query(sum_rate("", _REQUESTS, METHOD, _FAILED), "5xx failed"),
    ),
    unit="reqps",
    stacked=True,
    colours=colours.STATUSES,
)
_BY_REASON = Lines(
    title="Refusals by reason",
    about="Why requests got no answer; the gateway's /docs explains each reason. overloaded: add replicas. "
    "model-unavailable, model-fault: look at Triton. deadline-exceeded: too slow for the callers' patience. "
    "unauthenticated: a key was revoked, or somebody tries keys.",
    queries=(Query(sum_rate("reason", "scoring_refusals_total", METHOD), "{{reason}}"),),
    unit="reqps",
)
_BEYOND = Lines(
    title="Clients over their quota",
    about="The five clients most often told 429. Raise the quota in the key file, or talk to them.",
    queries=(Query(f"topk(5, {sum_rate('client', _REQUESTS, METHOD, _QUOTA)})", "{{client}}"),),
    unit="reqps",
)
_BY_CLIENT = Lines(
    title="Requests by client",
    about="The ten busiest clients. 'other' are those beyond the first 50 of each worker, '-' those refused before "
    "it was known who asks.",
    queries=(Query(f"topk(10, {sum_rate('client', _REQUESTS, METHOD)})", "{{client}}"),),
    unit="reqps",
)


def _latency(share: float, about: str) -> Lines:
    by = "method, protocol"
    return Lines(
        title=f"p{round(share * 100)} of requests",
        about=about,
        queries=(Query(quantile(share, by, _DURATION, METHOD), "{{method}} {{protocol}}"),),
        unit="s",
    )


_HALF = _latency(0.5, "Half of the requests took less. It rises with the load long before the service is full.")
_MOST = _latency(0.9, "Nine of ten requests took less. Far above p50: two kinds of requests, or a queue now and then.")
_ALL = _latency(
    0.99,
    "99 of 100 requests took less. High while p90 stays low: single slow requests, the heatmap's dots lead to their "
    "traces. Rising together with p50: the service fills up.",
)
_HEAT = Heat(
    title="All requests by duration",
    about="Each cell says how many requests per second took that long; two bands are two kinds of requests. The "
    "dots are single traced requests: follow one to its trace. They need a Prometheus that keeps exemplars.",
    queries=(Query(sum_rate("le", f"{_DURATION}_bucket", METHOD), "{{le}}", exemplars=True),),
    unit="s",
)

_STAGES = Lines(
    title="Mean time of each stage",
    about="read: the caller's network. decode: our processors. wait: for a place in a call to Triton, of which "
    "there may be too few. infer: Triton. encode: the reply. They follow each other: the height is the mean "
    "request.",
    queries=tuple(Query(mean("", _STAGE, METHOD, f'stage="{stage}"'), stage) for stage in colours.STAGES),
    unit="s",
    stacked=True,
    colours=colours.STAGES,
)
_SLOW_STAGES = Lines(
    title="p99 of each stage",
    about="What slow requests waited for. wait: more Tritons. infer alone: Triton is slow (dashboard Models). "
    "decode: more gateways. read: slow callers, nothing to do here.",
    queries=tuple(Query(quantile(0.99, "", _STAGE, METHOD, f'stage="{stage}"'), stage) for stage in colours.STAGES),
    unit="s",
    colours=colours.STAGES,
)
_IN_FLIGHT = Lines(
    title="In flight",
    about="Requests that have begun and not yet ended. A staircase that only rises: something hangs.",
    queries=(Query(f"sum by (method) ({of('scoring_requests_in_flight', METHOD)})", "{{method}}"),),
)
_CARRIED = Lines(
    title="Items in a request",
    about="Mean questions or images in an answered request. Callers who send many at once are served cheaper.",
    queries=(
        Query(
            ratio(
                sum_rate("method", "scoring_items_total", METHOD),
                sum_rate("method", _REQUESTS, METHOD, 'status="200"'),
            ),
            "{{method}}",
        ),
    ),
)
_SIZES = Lines(
    title="Bytes of a request",
    about="Mean size of a request's body. Larger pictures take longer to read and to decode.",
    queries=(Query(mean("method", "scoring_request_size_bytes", METHOD), "{{method}}"),),
    unit="bytes",
)
_DROPPED = Lines(
    title="Log lines and spans dropped",
    about="Good is 0. Nobody reads the log, or the trace collector is slow or away; requests do not suffer.",
    queries=(
        Query(f"sum({rate('scoring_log_lines_dropped_total')})", "log lines"),
        Query(f"sum({rate('scoring_spans_dropped_total')})", "spans"),
    ),
    unit="cps",
    runbooks=("ScoringLogLinesDropped", "ScoringSpansDropped"),
)

SERVICE = Board(
    uid="scoring-service",
    title="Scoring: Service",
    about="What callers get: objectives, rates, refusals, latency, and where the time goes.",
    variables=("method",),
    sections=(
        Section(
            "Now", (Line(5, (_READY, _BUDGET)), Line(4, (_RATE, _ITEMS, _SLOWEST, _FAILING, _TURNED_AWAY, _OVER_QUOTA)))
        ),
        Section("Objectives", (Line(8, (_BURN, _SLOW_BURN)),)),
        Section("Callers", (Line(8, (_BY_METHOD, _BY_OUTCOME)), Line(8, (_BY_REASON, _BEYOND, _BY_CLIENT)))),
        Section("Latency", (Line(8, (_HALF, _MOST, _ALL)), Line(9, (_HEAT,)))),
        Section(
            "Where the time goes",
            (Line(8, (_STAGES, _SLOW_STAGES)), Line(7, (_IN_FLIGHT, _CARRIED, _SIZES, _DROPPED))),
        ),
    ),
)
