"""The second version of the model: the same one, under other names."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from loadtest.errors import LoadTestError
from loadtest.rollout.answers import Answer, Catalogs, Match
from loadtest.rollout.releases import SHIFT, first_version, next_version

ENTRIES = [Match(11, "How?", 111, "So."), Match(22, "Why?", 222, "Because.")]


def published(folder: Path, constant: str = "entry_ids") -> Path:
    """Publish version 7 of a model that knows ids and nothing else."""
    version = folder / "faq_matcher" / "7"
    version.mkdir(parents=True)
    ids = numpy_helper.from_array(np.array([each.id for each in ENTRIES]), constant)
    output = helper.make_tensor_value_info("ids", TensorProto.INT64, [2])
    graph = helper.make_graph([helper.make_node("Identity", [constant], ["ids"])], "faq", [], [output], [ids])
    onnx.save(helper.make_model(graph), version / "model.onnx")
    lines = [
        json.dumps({"id": e.id, "question": e.question, "answer_id": e.answer_id, "answer": e.answer}) for e in ENTRIES
    ]
    (version / "catalog.jsonl").write_text("\n".join(lines) + "\n")
    (version / "model.json").write_text(json.dumps({"version": 7, "golden": {"question": "How?", "id": 11}}))
    (version / "parity.json").write_text("{}")
    (version.parent / "config.pbtxt").write_text("")
    return folder


def test_versions_share_no_id(tmp_path: Path) -> None:
    """Model, card and catalog of the second version agree, and an answer of one is wrong in the name of the other."""
    repository = tmp_path / "copy"
    assert first_version(published(tmp_path / "published"), repository) == 7
    assert next_version(repository, 7) == 8
    folder = repository / "faq_matcher" / "8"
    (ids,) = onnx.load(folder / "model.onnx").graph.initializer
    assert numpy_helper.to_array(ids).tolist() == [11 + SHIFT, 22 + SHIFT]
    card = json.loads((folder / "model.json").read_text())
    assert (card["version"], card["golden"]["id"]) == (8, 11 + SHIFT)

    catalogs = Catalogs(repository)
    (new, _) = [Match(**json.loads(line)) for line in (folder / "catalog.jsonl").read_text().splitlines()]
    assert catalogs.fault(Answer(200, "7", ENTRIES)) is None
    assert catalogs.fault(Answer(200, "8", [new])) is None
    assert "entry 11" in (catalogs.fault(Answer(200, "8", ENTRIES)) or "")
    assert catalogs.fault(Answer(200, "7", [new])) is not None
    assert catalogs.fault(Answer(200, "9", [new])) is not None
    assert catalogs.fault(Answer(200, "7", [])) is not None


def test_other_graph_is_refused(tmp_path: Path) -> None:
    """One whose ids cannot be found."""
    with pytest.raises(LoadTestError, match="entry_ids"):
        next_version(published(tmp_path, "others"), 7)
