"""All contenders must give the same classes."""

import json
from pathlib import Path

import pytest

from loadtest.errors import LoadTestError
from loadtest.http_driver import Target
from loadtest.images.agreement import Contender, ask_http, compare, serving_engine, share
from loadtest.images.card import wnids
from loadtest.images.engines import Engine, open_onnxruntime
from loadtest.images.messages import MULTIPART
from loadtest.images.plan import Material, peer_bodies, target
from loadtest.stack import peer
from tests.loadtest.http_server import ScriptedServer
from tests.loadtest.images.tiny_model import write_version

NAMES = [f"n{number:08}" for number in range(1000)]


@pytest.fixture(scope="module")
def engine(version: Path) -> Engine:
    """The small model in ONNX Runtime."""
    return Engine("exact", "onnxruntime-cpu", version / "model.onnx", open_onnxruntime)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Another model, as an engine that computes something else."""
    folder = write_version(tmp_path_factory.mktemp("other") / "1", seed=1)
    return Engine("other", "openvino-cpu", folder / "model.onnx", open_onnxruntime)


def test_contender_that_answers_otherwise_is_named(engine: Engine, material: Material) -> None:
    """The exact engine's contenders must agree on every picture."""
    answers = ["n00000000"] * len(material.pictures)
    with pytest.raises(LoadTestError, match="wrong gives the class of exact in process for 0%"):
        compare([engine], [Contender("wrong", "exact", lambda: answers)], material.images, NAMES, trained=False)


def test_weights_decide_whether_engines_must_agree(engine: Engine, other: Engine, material: Material) -> None:
    """Of random weights the share is reported, of trained ones it is required."""
    found = compare([engine, other], [], material.images, NAMES, trained=False)
    assert found.shares == {"other": 0.0}
    assert 0 < found.differences["other"] < 1
    with pytest.raises(LoadTestError, match="other in process gives the class of exact"):
        compare([engine, other], [], material.images, NAMES, trained=True)


def test_contender_is_held_against_its_own_engine(engine: Engine, other: Engine, material: Material) -> None:
    """Agreeing with another engine than the one that serves is no agreement."""
    right = [NAMES[each] for each in engine.answer()(material.images).argmax(1)]
    found = compare([engine], [Contender("served", "exact", lambda: right)], material.images, NAMES, trained=True)
    assert found == ({"served": 1.0}, {})
    with pytest.raises(LoadTestError, match="served gives the class of other in process"):
        compare([engine, other], [Contender("served", "other", lambda: right)], material.images, NAMES, trained=False)


def test_replies_of_one_and_of_several_pictures_are_read() -> None:
    """The best class of each, in order, and the engine that answered."""
    one, two = ({"classes": [{"wnid": wnid}, {"wnid": "n3"}]} for wnid in ("n1", "n2"))
    model = {"engine": "openvino-cpu"}
    for reply, expected in (({**one, "model": model}, ["n1"]), ({"results": [one, two], "model": model}, ["n1", "n2"])):
        with ScriptedServer(json.dumps(reply).encode()) as server:
            asked = Target("127.0.0.1", server.port, "/", "image/jpeg")
            assert ask_http(asked, [b"picture"]) == expected
            assert serving_engine(asked, b"picture") == "openvino-cpu"
            assert server.media_types == {"image/jpeg"}


def test_peer_gives_the_engines_classes(version: Path, engine: Engine, material: Material) -> None:
    """The FastAPI service decodes pictures as the product does, and runs the same file."""
    with peer("fastapi_images", version) as running:
        asked = Contender(
            "peer", "exact", lambda: ask_http(target(running.port, MULTIPART), peer_bodies(material.pictures))
        )
        found = compare([engine], [asked], material.images, wnids(version), trained=True)
    assert found.shares == {"peer": 1.0}


def test_share_is_of_equal_places() -> None:
    """Order matters."""
    assert share(["a", "b", "c", "d"], ["a", "c", "b", "d"]) == 0.5
