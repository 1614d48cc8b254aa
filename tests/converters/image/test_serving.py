"""What is published, in the real Triton: each config that this machine can serve loads, is warmed up and answers."""

from pathlib import Path

import numpy as np
import pytest

from converters.image.conversion import MODEL, run
from converters.image.job import Job
from converters.image.options import Options
from converters.image.scenes import scenes
from converters.image.session import ImageSession
from converters.progress import Silent
from standalone.triton import TritonServer
from tests.converters.image.networks import core
from tests.standalone.triton_client import Client

pytestmark = pytest.mark.triton


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory, photo_folder: Path) -> Path:
    """A tiny network, first in FP32, then in INT8."""
    folder = tmp_path_factory.mktemp("models")
    options = [
        Options(weights="untrained", cores=2),
        Options(weights="untrained", precision="int8", calibration=photo_folder, least_agreement=0.5),
    ]
    for each in options:
        run(Job(folder / MODEL, each, Silent(), lambda options, weights, progress: core()))
    return folder


@pytest.mark.parametrize("name", ["", "cpu", "local-openvino", "cpu-openvino"], ids=lambda name: name or "config")
def test_a_config_serves_what_was_published(repository: Path, name: str) -> None:
    """Any number of images in one request gets the answers that the file gives in process."""
    session = ImageSession(repository / MODEL / "2" / "model.onnx")
    with TritonServer(repository, model_config_name=name) as server, Client(server.grpc_address) as client:
        for batch in (1, 3, 16):
            pixels = scenes(batch)
            served = client.infer(MODEL, {"image": pixels})["probabilities"]
            assert served.shape == (batch, 1000)
            np.testing.assert_allclose(served, session(pixels), atol=0.05)
            assert (served.argmax(axis=1) == session(pixels).argmax(axis=1)).mean() > 0.9
