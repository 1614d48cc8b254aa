"""What the users ask: made once at the start, then sent in turn."""

import io
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import NamedTuple

import numpy as np
from PIL import Image

from loadtest.faq import questions
from loadtest.images import messages
from loadtest.images.pictures import photos
from preprocessing.image import ImageLimits, ImageSpec, to_tensor

_FAQ_MODEL, _IMAGE_MODEL = "faq_matcher", "resnet152"
_ANY_SIZE = ImageLimits(max_bytes=1 << 30, max_pixels=1 << 26)
_PICTURES = 10
# Of a photograph of about 500x375 pixels: a thumbnail, as it is, a screenshot, a phone's.
_SCALES = (0.5, 1.0, 1.0, 2.0, 5.0)
_QUALITY = 90


class Inputs(NamedTuple):
    """Requests without end, by what they ask and how: bodies over HTTP, messages over gRPC and for Triton."""

    http_questions: Iterator[bytes]
    grpc_questions: Iterator[bytes]
    triton_questions: Iterator[bytes]
    http_pictures: Iterator[bytes]
    grpc_pictures: Iterator[bytes]
    triton_pictures: Iterator[bytes]


def inputs() -> Inputs:
    """Make all requests, which takes about a second. Raises LoadTestError where they cannot be made."""
    texts = questions.read_questions(questions.SAMPLE_FILES)
    files = pictures()
    tensors = np.stack([to_tensor(file, ImageSpec(), _ANY_SIZE) for file in files])
    return Inputs(
        cycle(questions.http_bodies(texts)),
        cycle(questions.grpc_messages(texts)),
        cycle(questions.triton_messages(texts, _FAQ_MODEL)),
        cycle(files),
        cycle(messages.grpc_messages(files)),
        cycle(messages.triton_messages(tensors, _IMAGE_MODEL)),
    )


def pictures(count: int = _PICTURES, scales: Sequence[float] = _SCALES) -> list[bytes]:
    """Return JPEG files whose sizes take turns."""
    return [_scaled(photo, scale) for photo, scale in zip(photos(count), cycle(scales), strict=False)]


def _scaled(photo: bytes, scale: float) -> bytes:
    if scale == 1:
        return photo
    with Image.open(io.BytesIO(photo)) as picture:
        width, height = round(picture.width * scale), round(picture.height * scale)
        resized = picture.resize((width, height), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    resized.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
