"""From weights to a published version: what is made, what is kept, what is refused."""

import hashlib
import json
import resource
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from converters.errors import ConversionError, ParityError, PublishError, WeightsError
from converters.image import labels
from converters.image.conversion import MODEL, run
from converters.image.core import Core
from converters.image.engines import configs
from converters.image.image_folder import LIMITS
from converters.image.job import Converted, Job
from converters.image.options import Options
from converters.image.session import ImageSession
from converters.progress import Progress, Silent
from preprocessing.image import ImageSpec, to_tensor
from tests.converters.image.networks import Weights, core


@dataclass
class Source:
    """Tiny networks in place of ResNet-152, and a network that is there or not."""

    online: bool = True
    loaded: list[str] = field(default_factory=list)

    def load(self, options: Options, weights: str, progress: Progress) -> Core:
        self.loaded.append(weights)
        names = {"imagenet": "imagenet-v2"}
        return core(Weights(options.seed), framework=options.source, name=names.get(weights, Path(weights).name))

    def reach(self, source: str) -> None:
        if not self.online:
            raise WeightsError("nobody answers", hint="name a file")

    def convert(self, repository: Path, **options: Any) -> Converted:
        job = Job(repository / MODEL, Options(**options), Silent(), self.load)
        return run(job, self.reach)


ONLINE, OFFLINE = Source(), Source(online=False)


def _json(version: Path, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((version / name).read_text(encoding="utf-8"))
    return loaded


def test_version_is_complete(tmp_path: Path) -> None:
    """A version holds the model, its labels, its golden picture, its card and its proof; configs stand beside it."""
    done = OFFLINE.convert(tmp_path, weights="untrained")
    assert done.folder == tmp_path / MODEL / "1"
    names = {"model.onnx", "labels.txt", "golden.png", "model.json", "parity.json"}
    assert {path.name for path in done.folder.iterdir()} == names
    beside = {path.relative_to(tmp_path / MODEL).as_posix() for path in (tmp_path / MODEL).rglob("*.pbtxt")}
    assert beside == set(configs())
    assert (tmp_path / MODEL / "labels.txt").read_text() == labels.text()


def test_card_says_what_the_gateway_needs(tmp_path: Path) -> None:
    """All fields of the contract; the golden picture gets its class and probability through the file itself."""
    done = OFFLINE.convert(tmp_path, weights="untrained")
    card = _json(done.folder, "model.json")
    assert card == done.card
    fixed = {"model": "resnet152", "version": 1, "framework": "torch", "weights": "untrained", "precision": "fp32"}
    assert fixed.items() <= card.items()
    assert card["classes"] == 1000
    assert card["labels_sha256"] == hashlib.sha256((done.folder / "labels.txt").read_bytes()).hexdigest()
    assert card["preprocessing"] == {"resize": 232, "crop": 224, "filter": "bilinear"}
    pixels = to_tensor((done.folder / "golden.png").read_bytes(), ImageSpec(**card["preprocessing"]), LIMITS)
    (answer,) = ImageSession(done.folder / "model.onnx")(pixels[None])
    assert card["golden"]["class"] == answer.argmax()
    assert card["golden"]["probability"] == pytest.approx(answer.max(), rel=1e-4)


def test_proof_says_what_was_compared(tmp_path: Path) -> None:
    """Differences, tolerance, sizes of batch, versions of libraries, and that random weights prove no accuracy."""
    done = OFFLINE.convert(tmp_path, weights="untrained")
    proof = _json(done.folder, "parity.json")
    assert proof["fp32"]["batches"] == [1, 2, 3, 7, 32]
    assert proof["fp32"]["largest_difference"] < proof["fp32"]["tolerance"]
    assert {"torch", "onnx", "onnxruntime"} <= set(proof["libraries"])
    assert "Random weights" in proof["note"]
    assert "note" not in _json(OFFLINE.convert(tmp_path, weights=__file__).folder, "parity.json")


def test_same_inputs_make_no_second_version(tmp_path: Path) -> None:
    """Nothing is even loaded; --force makes one all the same, and the old version stays."""
    source = Source(online=False)
    first = source.convert(tmp_path, weights="untrained")
    again = source.convert(tmp_path, weights="untrained")
    assert (again.folder, again.made) == (first.folder, None)
    assert source.loaded == ["untrained"]
    forced = source.convert(tmp_path, weights="untrained", force=True)
    assert forced.folder.name == "2"
    assert first.folder.is_dir()


def test_official_weights_are_taken_when_the_network_allows(tmp_path: Path) -> None:
    """Without --weights: random ones offline, saying why; the official ones as soon as they can be had."""
    offline = OFFLINE.convert(tmp_path)
    assert (offline.card["weights"], offline.offline) == ("untrained", "nobody answers")
    assert OFFLINE.convert(tmp_path).made is None
    online = ONLINE.convert(tmp_path)
    assert online.card["weights"] == "imagenet-v2"
    assert (ONLINE.convert(tmp_path).folder, OFFLINE.convert(tmp_path).made) == (online.folder, None)


def test_real_weights_are_never_replaced_by_random_ones_unasked(tmp_path: Path) -> None:
    """Offline, with an outdated official version: it is kept, and that is said; random weights have to be named."""
    outdated = ONLINE.convert(tmp_path).folder / "model.json"
    outdated.write_text(json.dumps({**json.loads(outdated.read_text()), "digest": "of older code"}))
    kept = OFFLINE.convert(tmp_path)
    assert kept.made is None
    assert "kept" in kept.because
    assert OFFLINE.convert(tmp_path, force=True).made is None
    with pytest.raises(WeightsError, match="nobody answers"):
        OFFLINE.convert(tmp_path, precision="fp16")
    assert ONLINE.convert(tmp_path).folder.name == "2"
    assert OFFLINE.convert(tmp_path, weights="untrained").card["weights"] == "untrained"


def test_a_user_s_own_weights_are_kept(tmp_path: Path) -> None:
    """Who published a model of their own finds it again after `make serve`, online or not."""
    own = ONLINE.convert(tmp_path, weights=__file__)
    for source in (ONLINE, OFFLINE):
        again = source.convert(tmp_path)
        assert (again.folder, again.made) == (own.folder, None)
        assert "options of its own" in again.because


def test_named_weights_that_cannot_be_had_are_an_error(tmp_path: Path) -> None:
    """--weights imagenet offline is never answered with random ones."""

    def load(options: Options, weights: str, progress: Progress) -> Core:
        raise WeightsError("no network", hint="name a file")

    with pytest.raises(WeightsError, match="no network"):
        run(Job(tmp_path / MODEL, Options(weights="imagenet"), Silent(), load))
    assert list(tmp_path.iterdir()) == []


def test_int8_is_measured_on_held_out_pictures(tmp_path: Path, photo_folder: Path) -> None:
    """Agreement and the split are in the proof; the published file is the small one, and answers like FP32."""
    fp32 = OFFLINE.convert(tmp_path, weights="untrained")
    done = OFFLINE.convert(
        tmp_path, weights="untrained", precision="int8", calibration=photo_folder, least_agreement=0.8
    )
    proof = _json(done.folder, "parity.json")
    assert proof["folder"] == {"calibrated_on": 30, "held_out": 30, "unreadable": 1}
    assert done.unreadable == ("notes.txt",)
    assert 0.8 <= proof["precision"]["top_1"] <= 1
    assert proof["precision"]["least_agreement"] == 0.8
    assert done.card["precision"] == "int8"
    pixels = np.asarray(Image.open(done.folder / "golden.png"))[None]
    answers = [ImageSession(version.folder / "model.onnx")(pixels) for version in (fp32, done)]
    assert 0 < np.abs(answers[0] - answers[1]).max() < 0.3


def test_too_little_agreement_is_not_published_unless_forced(tmp_path: Path) -> None:
    """A share that no FP16 file reaches is refused without a trace, and published with --force."""
    asked: dict[str, Any] = {"weights": "untrained", "precision": "fp16", "least_agreement": 1.1}
    with pytest.raises(ParityError, match=r"at least 1\.1"):
        OFFLINE.convert(tmp_path, **asked)
    assert list((tmp_path / MODEL).iterdir()) == []
    forced = OFFLINE.convert(tmp_path, **asked, force=True)
    proof = _json(forced.folder, "parity.json")
    assert proof["precision"]["inputs"].startswith("generated scenes")
    assert proof["precision"]["least_agreement"] == 0


def test_a_graph_that_answers_otherwise_is_not_published(tmp_path: Path) -> None:
    """Nothing of it is left, and what was published before stays."""
    OFFLINE.convert(tmp_path, weights="untrained")

    def load(options: Options, weights: str, progress: Progress) -> Core:
        return replace(core(Weights(1)), reference=core(Weights(2)).reference)

    with pytest.raises(ParityError, match="logits differ"):
        run(Job(tmp_path / MODEL, Options(weights="untrained", force=True), Silent(), load))
    assert sorted(path.name for path in (tmp_path / MODEL).iterdir() if path.is_dir()) == ["1", "configs"]


def test_cores_rewrite_the_pools_configs(tmp_path: Path) -> None:
    """--cores takes effect even when there is nothing to export, and the next version keeps them."""
    OFFLINE.convert(tmp_path, weights="untrained")
    assert OFFLINE.convert(tmp_path, weights="untrained", cores=6).made is None
    OFFLINE.convert(tmp_path, weights="untrained", seed=1)
    text = (tmp_path / MODEL / "configs" / "cpu-openvino.pbtxt").read_text()
    assert text == configs(6)["configs/cpu-openvino.pbtxt"]


def test_files_beside_the_versions_come_back(tmp_path: Path) -> None:
    """A config that was deleted is written again; one that somebody changed stays until there is a new version."""
    OFFLINE.convert(tmp_path, weights="untrained")
    deleted, changed = (tmp_path / MODEL / name for name in ("config.pbtxt", "configs/gpu.pbtxt"))
    deleted.unlink()
    changed.write_text("tuned")
    assert OFFLINE.convert(tmp_path, weights="untrained").made is None
    assert (deleted.read_text(), changed.read_text()) == (configs()["config.pbtxt"], "tuned")


def test_contradicting_options_load_nothing(tmp_path: Path) -> None:
    """They are refused first."""
    source = Source()
    with pytest.raises(ConversionError, match="--calibration"):
        source.convert(tmp_path, weights="untrained", precision="int8")
    assert source.loaded == []


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """What the disk does not take ends the job with one error; here the limit is that of a file's size."""
    OFFLINE.convert(tmp_path, weights="untrained")
    _, largest = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, largest))
    try:
        with pytest.raises(PublishError, match=f"cannot write {tmp_path / MODEL / '2'}: File too large"):
            OFFLINE.convert(tmp_path, weights="untrained", seed=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    assert sorted(path.name for path in (tmp_path / MODEL).iterdir() if path.is_dir()) == ["1", "configs"]


def test_a_repository_that_cannot_be_written(tmp_path: Path) -> None:
    """A file system that takes no folders gives one error."""
    with pytest.raises(PublishError, match="cannot write /proc/models"):
        OFFLINE.convert(Path("/proc/models"), weights="untrained")
