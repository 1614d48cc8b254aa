"""A whole run against the real stack, on a small model."""

from pathlib import Path

import pytest

from loadtest.bench import Duration
from loadtest.errors import LoadTestError
from loadtest.faq.plan import MODEL as FAQ_MODEL
from loadtest.faq.questions import SAMPLE_FILES
from loadtest.figures import Kind
from loadtest.images.plan import MODEL
from loadtest.inventory import backend
from loadtest.meter import Span
from loadtest.standing.run import check, run
from loadtest.standing.services import Wanted
from tests.loadtest.images.tiny_model import write_repository


@pytest.mark.triton
def test_run_of_one_model_proves_measures_and_reports(tmp_path: Path) -> None:
    """Every way in, compared with its engine in process; without peers and INT8 when they are not wanted."""
    repository = write_repository(tmp_path)
    steps: list[tuple[str, int]] = []
    wanted = Wanted([MODEL], int8=False, peers=False, questions=SAMPLE_FILES)
    report = run(repository, wanted, Duration(1, Span(0.05, 0.25)), lambda text, _, total: steps.append((text, total)))
    (section,) = report.sections
    kinds = {Kind.IN_PROCESS, Kind.PART, Kind.TRITON, Kind.HTTP, Kind.GRPC}
    assert {each.kind for each in section.figures} == kinds
    assert all(each.items_per_s > 0 for each in section.figures)
    served = {each.group for each in section.figures if each.kind in {Kind.TRITON, Kind.HTTP, Kind.GRPC}}
    assert served <= {*section.agreement}
    assert list(report.services) == ["product"]
    assert report.beside == []
    assert backend(MODEL) in {each.name for each in report.memory}
    assert steps[0] == ("starting Triton and the gateway", 0)
    assert steps[-1] == ("done", len(section.figures))


def test_each_wanted_model_must_be_there(tmp_path: Path) -> None:
    """Nothing is measured in vain: what is missing for the second one is said before the first is measured."""
    repository = write_repository(tmp_path)
    check(repository, [MODEL])
    with pytest.raises(LoadTestError, match=f"no version of {FAQ_MODEL}"):
        check(repository, [MODEL, FAQ_MODEL])
