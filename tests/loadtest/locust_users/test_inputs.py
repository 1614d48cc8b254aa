"""What the users ask."""

import io
import json
from itertools import islice

import pytest
from PIL import Image
from tritonclient.grpc import service_pb2

from gateway.generated.scoring_pb2 import ClassifyImageRequest, MatchFaqRequest
from loadtest.locust_users.inputs import Inputs, inputs, pictures


@pytest.fixture(scope="module")
def made() -> Inputs:
    """All requests."""
    return inputs()


def test_pictures_have_different_sizes() -> None:
    """From thumbnails to a phone's photographs, in turn, all of them different."""
    files = pictures(5, (0.5, 1.0, 4.0))
    areas = [Image.open(io.BytesIO(file)).width * Image.open(io.BytesIO(file)).height for file in files]
    assert areas[0] < areas[1] < areas[2]
    assert areas[3] < areas[4]
    assert len(set(files)) == 5
    assert areas[2] > 2_000_000


def test_questions_rotate(made: Inputs) -> None:
    """Different questions follow each other, and begin again at the end."""
    first = next(made.http_questions)
    following = [next(made.http_questions) for _ in range(5)]
    assert len({first, *following}) == 6
    assert first in islice(made.http_questions, 5000)
    assert json.loads(first)["question"]


def test_the_same_over_all_protocols(made: Inputs) -> None:
    """Messages over gRPC and for Triton are what their servers read."""
    assert MatchFaqRequest.FromString(next(made.grpc_questions)).question
    assert ClassifyImageRequest.FromString(next(made.grpc_pictures)).image[:2] == next(made.http_pictures)[:2]
    question, image = (
        service_pb2.ModelInferRequest.FromString(next(rotation))
        for rotation in (made.triton_questions, made.triton_pictures)
    )
    assert (question.model_name, list(question.inputs[0].shape)) == ("faq_matcher", [1, 1])
    assert (image.model_name, list(image.inputs[0].shape)) == ("resnet152", [1, 224, 224, 3])
