"""How busy others keep the machine."""

import pytest

from loadtest.disturbance import Disturbance, busy


@pytest.mark.parametrize(
    ("spent", "share"),
    [
        ([0, 0, 0, 90, 10, 0, 0, 0], 0.0),  # idle and waiting for a disk
        ([20, 10, 5, 50, 0, 5, 5, 5], 0.5),  # user, nice, system, interrupts, stolen
        ([0, 0, 0, 0, 0, 0, 0, 0], 0.0),  # two readings within one tick
    ],
)
def test_busy_is_what_is_not_idle(spent: list[int], share: float) -> None:
    """Time stolen by the hypervisor counts; waiting for a disk does not."""
    before = [100] * 8
    assert busy(before, [early + late for early, late in zip(before, spent, strict=True)]) == pytest.approx(share)


def test_looks_at_this_machine_give_a_share() -> None:
    """Without a look, nothing is claimed."""
    disturbance = Disturbance()
    assert disturbance.share == 0
    disturbance.look()
    assert 0 <= disturbance.share <= 1
