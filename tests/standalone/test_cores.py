"""Counting the cores that this process may use."""

from pathlib import Path

import pytest

from standalone import cores


def write(root: Path, path: str, text: str) -> None:
    """Write a file below a root that stands for the system's."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


@pytest.mark.parametrize(
    ("quota", "expected"),
    [("200000 100000", 2), ("250000 100000", 2), ("50000 100000", 1), ("1000000 100000", 8), ("max 100000", 8)],
)
def test_a_quota_of_version_2_is_rounded_down_to_whole_cores(tmp_path: Path, quota: str, expected: int) -> None:
    """At least one core is left, and never more than the scheduler may choose from."""
    write(tmp_path, "proc/self/cgroup", "0::/pod/engine\n")
    write(tmp_path, "sys/fs/cgroup/pod/engine/cpu.max", quota + "\n")
    assert cores.available(tmp_path, affinity=8) == expected


def test_the_tightest_group_around_decides(tmp_path: Path) -> None:
    """A pod's limit holds for a container in it that has none, or a wider one, of its own."""
    write(tmp_path, "proc/self/cgroup", "0::/pod/engine\n")
    write(tmp_path, "sys/fs/cgroup/pod/cpu.max", "300000 100000\n")
    write(tmp_path, "sys/fs/cgroup/pod/engine/cpu.max", "600000 100000\n")
    assert cores.available(tmp_path, affinity=8) == 3


@pytest.mark.parametrize("version", [1, 2])
def test_a_container_sees_its_own_group_at_the_mount(tmp_path: Path, version: int) -> None:
    """The path of its group is the host's and leads nowhere; the limit lies where the mount begins."""
    if version == 2:
        write(tmp_path, "proc/self/cgroup", "0::/kubepods/pod1/abc\n")
        write(tmp_path, "sys/fs/cgroup/cpu.max", "400000 100000\n")
    else:
        write(tmp_path, "proc/self/cgroup", "5:cpuset:/x\n4:cpu,cpuacct:/kubepods/pod1/abc\n1:name=systemd:/x\n")
        write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "400000\n")
        write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n")
    assert cores.available(tmp_path, affinity=8) == 4


def test_a_group_of_version_1_without_limit_limits_nothing(tmp_path: Path) -> None:
    """Its quota is -1."""
    write(tmp_path, "proc/self/cgroup", "4:cpu,cpuacct:/\n")
    write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n")
    write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n")
    assert cores.available(tmp_path, affinity=8) == 8


def test_a_system_without_control_groups_gives_what_the_scheduler_gives(tmp_path: Path) -> None:
    """Nothing to read is no limit; the running system gives at least one core."""
    assert cores.available(tmp_path, affinity=3) == 3
    assert cores.available() >= 1
