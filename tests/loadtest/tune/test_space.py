"""Which variants there are: never more threads than cores, and only ways to merge that make sense."""

import pytest

from loadtest.tune import models
from loadtest.tune.space import Batching, Offer, batched, delays, divided, placements
from tests.loadtest.tune.modelled import DEFAULT, varied


@pytest.mark.parametrize(
    ("cores", "expected"),
    [
        (1, [(1, 1)]),
        (2, [(1, 1), (1, 2), (2, 1)]),
        (3, [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1)]),
        (4, [(1, 1), (1, 2), (1, 4), (2, 1), (2, 2), (4, 1)]),
    ],
)
def test_placements_never_use_more_than_the_cores(cores: int, expected: list[tuple[int, int]]) -> None:
    """Powers of two, and all cores in one dimension."""
    assert placements(cores) == expected


def test_each_engine_and_precision_gets_each_placement() -> None:
    """An engine that Triton merges nothing for has no batch size and no delay; another one that had none gets one."""
    offers = [Offer("onnxruntime", 2, "fp32"), Offer("openvino", 1, "int8")]
    found = divided(varied(engine="openvino", max_batch_size=0), offers, 2, 16)
    assert [(each.engine, each.version, each.max_batch_size) for each in found] == [
        *[("onnxruntime", 2, 16)] * 3,
        *[("openvino", 1, 0)] * 3,
    ]
    assert {each.max_batch_size for each in divided(DEFAULT, offers[:1], 2, 16)} == {64}


def test_ways_to_merge_are_tried_where_triton_merges() -> None:
    """Everything else stays as it is."""
    assert list(batched(DEFAULT, [Batching(8, 500)])) == [varied(max_batch_size=8, queue_delay_us=500)]
    assert list(batched(varied(engine="openvino", max_batch_size=0), [Batching(8, 500)])) == []


def test_delays_leave_time_for_the_work() -> None:
    """With 5 ms in all, nobody waits 2 ms for company."""
    assert delays({0, 500, 2000, 1000}, 5.0) == [0, 500, 1000]
    assert delays({0, 10_000}, None) == [0, 10_000]


def test_batches_hold_what_a_gateway_sends() -> None:
    """The values that are tried go beyond what one gateway merges by default, which is what its settings say."""
    from gateway.settings import Settings

    gateway = Settings()
    for name, merged in (("faq_matcher", gateway.max_batch_size), ("resnet152", gateway.max_image_batch_size)):
        model = models.MODELS[name]
        assert model.gateway_batch == merged
        assert max(model.batches) > merged
