"""`scoring convert faq`: data in, a proven version in the model repository out."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import onnx
from sklearn.pipeline import Pipeline

import preprocessing.text
from converters.errors import ConversionError
from converters.faq import training
from converters.faq.dataset import FaqDataset, load_dataset
from converters.faq.export import FaqSession, export
from converters.faq.options import Options
from converters.model_config import ModelConfig, check, tensors_of
from converters.parity import NASTY_TEXTS, Parity, compare_rankings
from converters.publish import description, latest, publish, write_json
from preprocessing.text import canonical

__all__ = ["MODEL", "Converted", "Options", "convert"]

MODEL = "faq_matcher"
TOLERANCE = 1e-5  # of a probability; float32 sums of some hundred terms stay well below
LIBRARIES = ("numpy", "scipy", "scikit-learn", "skl2onnx", "onnx", "onnxruntime")


@dataclass(frozen=True)
class Converted:
    """`parity` is None when the newest version was made of the same inputs and nothing had to be done."""

    folder: Path
    parity: Parity | None


def convert(data: Path, repository: Path, options: Options, step: Callable[[str], None]) -> Converted:
    """Train, export, prove and publish; `step` is told what comes next.

    Raises ConversionError (bad data, nothing to learn from, parity missed, repository not writable); then the
    repository is as it was.
    """
    step("Reading the data set")
    dataset = load_dataset(data)
    newest = latest(repository / MODEL)
    fingerprint = digest(dataset, options)
    if newest is not None and not options.force and description(newest).get("digest") == fingerprint:
        return Converted(newest, None)
    pipeline = _pipeline(dataset, newest, options, step)
    step("Exporting to ONNX")
    model = export(pipeline, options.top_k)
    serialized = model.SerializeToString()
    session = FaqSession(serialized)
    step("Comparing the exported model with the trained one")
    parity = prove(pipeline, session, dataset)
    step("Publishing")
    about = {
        "digest": fingerprint,
        "entries": len(dataset.entries),
        "top_k": min(options.top_k, len(dataset.entries)),
        "threshold": options.threshold,
        "calibration": asdict(pipeline[-1].calibration_),
        "golden": golden(session, dataset),
    }

    def write(folder: Path, number: int) -> None:
        (folder / "model.onnx").write_bytes(serialized)
        training.save(pipeline, folder)
        _write_catalog(folder / "catalog.jsonl", dataset)
        write_json(folder / "parity.json", {**asdict(parity), "libraries": libraries()})
        created = datetime.now(UTC).isoformat(timespec="seconds")
        write_json(folder / "model.json", {"model": MODEL, "version": number, "created": created, **about})

    return Converted(publish(repository / MODEL, write, {"config.pbtxt": config_of(model)}), parity)


def config_of(model: onnx.ModelProto) -> str:
    """The `config.pbtxt` of an exported FAQ model; raises PublishError when Triton could not serve it."""
    config = ModelConfig(MODEL, tensors_of(model.graph.input), tensors_of(model.graph.output)).text()
    check(config, model)
    return config


def prove(pipeline: Pipeline, session: FaqSession, dataset: FaqDataset) -> Parity:
    """Compare pipeline and exported model on every question of the data set and on `NASTY_TEXTS`."""
    questions = {f"question {entry.id}": entry.question for entry in dataset.entries}
    duplicates = {f"duplicate {duplicate.id}": duplicate.text for duplicate in dataset.duplicates}
    texts = {name: canonical(text) for name, text in (questions | duplicates | NASTY_TEXTS).items()}
    matcher = pipeline[-1]
    return compare_rankings(texts, matcher.predict_proba, session, matcher.classes_, TOLERANCE)


def golden(session: FaqSession, dataset: FaqDataset) -> dict[str, Any]:
    """The entry whose own question finds it most surely: what a ready server must answer.

    Raises ConversionError when no entry is found by its own question: such a model is of no use.
    """
    best: dict[str, Any] = {}
    for entry in dataset.entries:
        ids, probabilities = session([canonical(entry.question)])
        if ids[0, 0] == entry.id and probabilities[0, 0] > best.get("probability", 0):
            best = {"question": entry.question, "id": entry.id, "probability": float(probabilities[0, 0])}
    if not best:
        raise ConversionError(
            "no entry is found by its own question", hint="look at the data set with `scoring dataset show`"
        )
    return best


def digest(dataset: FaqDataset, options: Options) -> str:
    """SHA-256 over all that decides the outcome: data, options, this code and the libraries."""
    sources = [*sorted(Path(__file__).parent.glob("*.py")), Path(preprocessing.text.__file__)]
    inputs = repr((dataset, options.top_k, options.threshold, libraries()))
    parts = [inputs, *(path.read_text() for path in sources)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def libraries() -> dict[str, str]:
    """Versions of the libraries that the result depends on."""
    return {name: version(name) for name in LIBRARIES}


def _pipeline(dataset: FaqDataset, newest: Path | None, options: Options, step: Callable[[str], None]) -> Pipeline:
    if not options.extend:
        step("Training and calibrating")
        return training.train(dataset)
    if newest is None:
        raise ConversionError("there is no version to extend", hint="train the first one without --extend")
    step(f"Extending version {newest.name}")
    return training.extend(training.load(newest), dataset)


def _write_catalog(path: Path, dataset: FaqDataset) -> None:
    with path.open("w", encoding="utf-8") as file:
        for entry in dataset.entries:
            line = {"id": entry.id, "question": entry.question, "answer_id": entry.answer_id, "answer": entry.answer}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
