"""The files that this package writes, for `scoring render`: paths below k8s/ and what makes their text."""

from functools import partial

from k8s.monitoring.grafana.board import as_json
from k8s.monitoring.grafana.boards.capacity import CAPACITY
from k8s.monitoring.grafana.boards.models import MODELS
from k8s.monitoring.grafana.boards.rollout import ROLLOUT
from k8s.monitoring.grafana.boards.service import SERVICE

BOARDS = (SERVICE, MODELS, CAPACITY, ROLLOUT)

GENERATED = {f"monitoring/dashboards/{board.uid}.json": partial(as_json, board) for board in BOARDS}
