"""The limit that no server can pass: ONNX Runtime called in a loop, without a protocol, on canonical text."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import onnxruntime

from loadtest.batches import batches
from loadtest.meter import Meter, Round, Span
from preprocessing.text import canonical

_OUTPUTS = ["ids", "probabilities"]


def open_session(model: Path, threads: int) -> Any:
    """Return a session on a model file with so many intra-op threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def closed_loop(model: Path, questions: Sequence[str], *, batch: int, sessions: int, threads: int, span: Span) -> Round:
    """Run batches in `sessions` Python threads, each with a session of its own on `threads` intra-op threads."""
    texts = [canonical(question) for question in questions]
    feeds = [{"question": np.array(texts, dtype=np.object_).reshape(-1, 1)} for texts in batches(texts, batch)]
    opened = [open_session(model, threads) for _ in range(sessions)]
    meter = Meter(span)
    with ThreadPoolExecutor(sessions) as pool:
        list(pool.map(lambda session: _run(session, feeds, meter), opened))
    return meter.round()


def _run(session: Any, feeds: Sequence[dict[str, Any]], meter: Meter) -> None:
    for feed in cycle(feeds):
        if meter.over:
            return
        sent = perf_counter()
        session.run(_OUTPUTS, feed)
        meter.record(sent, ok=True)
