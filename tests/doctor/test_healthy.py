"""Where nothing is wrong, nothing is found."""

from pathlib import Path

import pytest

from doctor.register import CHECKS
from doctor.target import Processor, target
from tests.doctor.healthy import MANIFESTS, diagnose, faults, write_repository


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A healthy repository that no test of this module changes."""
    return write_repository(tmp_path_factory.mktemp("healthy"))


def test_healthy_repository_settings_and_manifests_pass(repository: Path) -> None:
    """The committed configs, versions as published, default settings and sound manifests give no finding at all."""
    diagnosis = diagnose(repository, MANIFESTS)
    assert diagnosis.findings == []
    assert diagnosis.looked_at["configs"] == 8
    assert diagnosis.skipped == []


@pytest.mark.parametrize("name", ["cpu", "cpu-openvino", "gpu", "gpu-tensorrt"])
def test_every_pool_is_healthy(repository: Path, name: str) -> None:
    """Each pool's config passes for the pod that it was written for."""
    processor = Processor.GPU if name.startswith("gpu") else Processor.CPU_AMX
    assert diagnose(repository, config_name=name, on=target(processor, 4)).findings == []


def test_missing_manifests_are_mentioned(repository: Path) -> None:
    """Who gives no manifests is told that nobody looked at any."""
    assert "--manifests" in diagnose(repository).skipped[0]


def test_published_models_give_no_error(resnet152_repository: Path) -> None:
    """A version as `scoring convert` publishes it has but one flaw: its weights are random."""
    assert faults(diagnose(resnet152_repository)) <= {"untrained", "gateway-models"}


def test_ids_are_stable_and_unique() -> None:
    """CI jobs name checks by their ids."""
    ids = [check.id for check in CHECKS]
    assert len(set(ids)) == len(ids)
    assert all(each.replace("-", "").isalpha() and each.islower() for each in ids)
    assert all(check.sentence.endswith(".") for check in CHECKS)
