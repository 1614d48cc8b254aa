"""Times that replies tell."""

import numpy as np

from loadtest.openloop.server_timing import stages


def test_durations_are_read_by_name() -> None:
    """What has no duration is no stage; a reply without a header, or without a stage, leaves a gap."""
    seen = stages([b'wait;dur=0.25, infer;desc="Triton";dur=10, batch;desc="4"', None, b"infer; dur=3.5"])
    assert {name: values.tolist() for name, values in seen.items() if name == "infer"}["infer"][::2] == [10, 3.5]
    assert set(seen) == {"wait", "infer"}
    assert np.isnan(seen["infer"]).tolist() == [False, True, False]
    assert np.isnan(seen["wait"]).tolist() == [False, True, True]


def test_what_is_no_header_tells_nothing() -> None:
    """Garbage gives no stages."""
    assert stages([b"miss, ;;dur=x", b""]) == {}
