"""One colour for each meaning, on all dashboards: Grafana's own names, which suit its light and its dark theme."""

GOOD = "green"
DOUBTFUL = "orange"
BAD = "red"
EXEMPLARS = "rgba(255,0,255,0.7)"

# The stages of a request, in their order.
STAGES = {"read": "blue", "decode": "purple", "wait": "orange", "infer": "green", "encode": "light-blue"}
# The parts of an inference in Triton.
PARTS = {"queue": "orange", "input": "blue", "infer": "green", "output": "light-blue"}
QUANTILES = {"p50": "light-green", "p90": "yellow", "p99": "red"}
STATUSES = {"2xx": "green", "4xx": "yellow", "429": "orange", "499": "purple", "5xx": "red", "503": "dark-red"}
