"""The FAQ service of 2019, as the benchmark starts it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtest.errors import LoadTestError
from loadtest.faq.agreement import check_ranking
from loadtest.faq.plan import score_target
from loadtest.stack import Peer, design_2019

ENTRIES = ("How do I sort a list?", "How do I read a file?", "How do I open a socket?")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version's catalog, and a file with two duplicates of each entry."""
    folder = tmp_path_factory.mktemp("faq")
    lines = [{"id": place, "answer_id": 100 + place, "question": text} for place, text in enumerate(ENTRIES)]
    (folder / "catalog.jsonl").write_text("\n".join(map(json.dumps, lines)))
    asked = [f"{text} {place}\t{100 + place}" for place, text in enumerate(ENTRIES) for text in ("please tell", "now")]
    (folder / "duplicates.tsv").write_text("\n".join(["Text0\tAnswerId", *asked]))
    return folder


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Peer]:
    """The service with one worker."""
    environ = {"MODEL_FOLDER": str(folder), "DUPLICATES": str(folder / "duplicates.tsv")}
    with design_2019("flask_2019_faq", 1, ["--preload"], environ) as service:
        yield service


def test_all_entries_are_ranked(service: Peer) -> None:
    """Each question makes a pair with every entry; the service keeps its connections."""
    check_ranking(score_target(service.port), ["sort my list", "which file?"], len(ENTRIES))
    with pytest.raises(LoadTestError, match="does not rank all 4 entries"):
        check_ranking(score_target(service.port), ["sort my list"], 4)


def test_service_that_has_nothing_to_learn_from_says_so(folder: Path, tmp_path: Path) -> None:
    """Questions without the answer of an entry make no pairs."""
    (tmp_path / "questions.tsv").write_text("Text0\nhow?\n")
    environ = {"MODEL_FOLDER": str(folder), "DUPLICATES": str(tmp_path / "questions.tsv")}
    with pytest.raises(LoadTestError) as caught, design_2019("flask_2019_faq", 1, ["--preload"], environ):
        pass
    assert "has the AnswerId of an entry" in caught.value.hint
