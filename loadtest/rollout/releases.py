"""Two releases of the FAQ model, whose entries have different ids: what one means is nothing that the other knows."""

import json
import re
import shutil
from pathlib import Path

import onnx
from onnx import numpy_helper

from loadtest.errors import LoadTestError
from loadtest.faq.plan import MODEL
from loadtest.rollout.processes import Program, output
from loadtest.rollout.programs import LIVE, models
from loadtest.stack import check_published, published

SHIFT = 1_000_000  # added to all ids by the second version
_IDS = "entry_ids"  # the constant of the graph that holds them
_SERVED = ("model.onnx", "model.json", "catalog.jsonl", "parity.json")
_ID = re.compile(r"\b[0-9a-f]{16}\b")


def first_version(repository: Path, target: Path) -> int:
    """Copy the newest version of the FAQ model into a repository of its own; return its number.

    Raises LoadTestError where there is none.
    """
    check_published(repository, MODEL, "publish one with: scoring convert faq")
    newest, folder = published(repository, MODEL), target / MODEL
    (folder / newest.name).mkdir(parents=True)
    for name in _SERVED:
        shutil.copy2(newest / name, folder / newest.name / name)
    shutil.copy2(repository / MODEL / "config.pbtxt", folder)
    return int(newest.name)


def next_version(repository: Path, version: int) -> int:
    """Add a version to a repository that holds this one; return its number.

    The same model, but that its entries have other ids, questions and answers. Raises LoadTestError.
    """
    source, target = repository / MODEL / str(version), repository / MODEL / str(version + 1)
    target.mkdir()
    _renumber(source / "model.onnx", target / "model.onnx")
    lines = (source / "catalog.jsonl").read_text(encoding="utf-8").splitlines()
    (target / "catalog.jsonl").write_text("".join(f"{_changed(line, version + 1)}\n" for line in lines), "utf-8")
    card = json.loads((source / "model.json").read_text(encoding="utf-8"))
    card["version"] = version + 1
    card["golden"]["id"] += SHIFT
    (target / "model.json").write_text(json.dumps(card), encoding="utf-8")
    return version + 1


async def push(repository: Path, store: Path) -> str:
    """Make a release of a repository, and let the tag that gateways follow point to it; return its id.

    The second version has no certificate of a converter: it is only made to be told from the first one. Raises
    LoadTestError.
    """
    words = ["push", "--store", str(store), "--model-repository", str(repository), "--tag", LIVE, "--unproven"]
    printed = await output(Program(models(*words), {}))
    found = _ID.search(printed)
    if found is None:
        raise LoadTestError(f"scoring models push names no release: {printed}", "see what it does alone")
    return found[0]


def _renumber(source: Path, target: Path) -> None:
    model = onnx.load(source)
    ids = next((each for each in model.graph.initializer if each.name == _IDS), None)
    if ids is None:
        raise LoadTestError(
            f"the graph of {source} has no constant {_IDS}", "publish the model anew: scoring convert faq"
        )
    ids.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(ids) + SHIFT, _IDS))
    onnx.save(model, target)


def _changed(line: str, version: int) -> str:
    entry = json.loads(line)
    entry["id"] += SHIFT
    entry["answer"] = f"<p>As of version {version}:</p>{entry['answer']}"
    return json.dumps(entry, ensure_ascii=False)
