"""What scenes play on: the cluster, and two releases to choose from."""

from pathlib import Path
from typing import NamedTuple

from loadtest.rollout.cluster import Cluster
from loadtest.rollout.workload import Workloads


class Stage(NamedTuple):
    """`repository` holds both versions of the model, `release` is that of the first one alone.

    `patience` is how many seconds whoever rolls a model out gives the gateways to learn of its new version. After that
    it is rolled out all the same.
    """

    cluster: Cluster
    workloads: Workloads
    store: Path
    repository: Path
    release: str
    version: int
    patience: float
