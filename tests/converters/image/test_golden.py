"""The golden picture: chosen for its clear answer, and read back from its file as the gateway reads it."""

import io

import numpy as np
import pytest
from PIL import Image

from converters.errors import ModelError
from converters.image.golden import CANDIDATES, choose
from converters.image.image_folder import LIMITS
from converters.image.scenes import scenes
from converters.image.session import ImageSession
from converters.image.wrapping import wrap
from preprocessing.image import ImageSpec, to_tensor
from tests.converters.image.networks import core

SPEC = ImageSpec(232)


def test_golden_picture_gets_its_answer_from_its_file() -> None:
    """PNG of 224x224 RGB; decoded by the model's own rules it gets the class and probability that are recorded."""
    session = ImageSession(wrap(core(), "0" * 64).SerializeToString())
    golden = choose(session, SPEC)
    image = Image.open(io.BytesIO(golden.png))
    assert (image.format, image.size, image.mode) == ("PNG", (224, 224), "RGB")
    (answer,) = session(to_tensor(golden.png, SPEC, LIMITS)[None])
    assert answer.argmax() == golden.label
    assert answer.max() == pytest.approx(golden.probability, rel=1e-4)


def test_the_clearest_answer_is_taken() -> None:
    """No candidate's best class leads the second by more."""
    session = ImageSession(wrap(core(), "0" * 64).SerializeToString())
    golden = choose(session, ImageSpec(224))
    ranked = np.sort(session(scenes(CANDIDATES)), axis=1)
    assert golden.probability == pytest.approx(ranked[(ranked[:, -1] / ranked[:, -2]).argmax(), -1], rel=1e-4)


def test_a_network_without_an_opinion_is_refused() -> None:
    """When all classes are equally likely there is nothing that a ready server could be asked."""
    with pytest.raises(ModelError, match="same probability"):
        choose(lambda pixels: np.full((len(pixels), 1000), 1e-3, dtype=np.float32), SPEC)
