"""Triton's statistics: what happened between two looks."""

from typing import Any

from tritonclient.grpc import service_pb2

from loadtest.tune.executed import executed


def statistics(requests: int, queue_ms: float, compute_ms: float, batches: dict[int, int]) -> Any:
    """Return the statistics of a version that has done so much since it was loaded."""
    stats = service_pb2.ModelStatistics()
    stats.inference_stats.success.count = requests
    stats.inference_stats.queue.ns = int(requests * queue_ms * 1e6)
    stats.inference_stats.compute_infer.ns = int(requests * compute_ms * 1e6)
    for size, count in batches.items():
        stats.batch_stats.add(batch_size=size).compute_infer.count = count
    return [stats]


def test_what_was_done_before_does_not_count() -> None:
    """Warm-up and earlier steps are in the totals, and in none of the differences."""
    before, after = statistics(100, 1, 1, {1: 100}), statistics(200, 2, 3, {1: 100, 4: 20, 16: 5})
    found = executed(before, after, 1, merges=True)
    assert (found.queue_ms, found.compute_ms) == (3.0, 5.0)
    assert found.batches == {4: 20, 16: 5}
    assert found.batch == (4 * 20 + 16 * 5) / 25


def test_requests_that_triton_cannot_merge_count_their_items() -> None:
    """Without batching Triton counts a request of 8 images as one."""
    found = executed(statistics(0, 0, 0, {}), statistics(10, 0, 1, {1: 10}), 8, merges=False)
    assert found.batches == {8: 10}
    assert executed([], [], 1, merges=True).batch == 0
