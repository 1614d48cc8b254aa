"""Decoding in a bounded pool of threads."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import numpy as np
import pytest

from gateway.errors import DeadlineExceededError, InvalidFieldError, ModelUnavailableError
from gateway.image_decoder import ImageDecoder
from gateway.images import EncodedImage
from gateway.triton.images import Pixels
from preprocessing.image import ImageLimits, ImageSpec, to_tensor
from tests.pictures import LIMITS, jpeg

SPEC = ImageSpec(232, 224)
JPEG = jpeg(320, 240)
BROKEN = JPEG[: len(JPEG) // 2]


class Gate:
    """Decodes once it is open, and counts what it decodes and in how many threads at a time."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.starts = threading.Semaphore(0)
        self.decoded: list[bytes] = []
        self.at_once = 0
        self.most_at_once = 0
        self._lock = threading.Lock()

    def __call__(self, data: bytes, spec: ImageSpec, limits: ImageLimits, media_type: str | None) -> Pixels:
        with self._lock:
            self.decoded.append(data)
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
        self.starts.release()
        try:
            self.open.wait(10)
            return to_tensor(data, spec, limits, media_type)
        finally:
            with self._lock:
                self.at_once -= 1


@contextmanager
def decoding(threads: int, gate: Gate) -> Iterator[ImageDecoder]:
    """A decoder that is closed at the end."""
    decoder = ImageDecoder(threads, LIMITS, gate)
    yield decoder
    gate.open.set()
    decoder.close()


def images(*files: bytes) -> list[EncodedImage]:
    """Images of a list."""
    return [EncodedImage(data, "image/jpeg", f"images[{at}]") for at, data in enumerate(files)]


def begin(decoder: ImageDecoder, *files: bytes, seconds: float = 5, first: bool = False) -> asyncio.Task[list[Pixels]]:
    """Begin to decode."""
    return asyncio.create_task(decoder.decode(images(*files), SPEC, monotonic() + seconds, first=first))


async def started(gate: Gate, count: int) -> None:
    """Wait until the decoding of so many more images has begun."""
    for _ in range(count):
        assert await asyncio.to_thread(gate.starts.acquire, timeout=5)


async def test_images_become_tensors() -> None:
    """Each image becomes what preprocessing makes of it, in the order of the request."""
    gate = Gate()
    gate.open.set()
    files = [jpeg(320, 240), jpeg(240, 320), jpeg(500, 375)]
    with decoding(2, gate) as decoder:
        found = await begin(decoder, *files)
    for pixels, file in zip(found, files, strict=True):
        np.testing.assert_array_equal(pixels, to_tensor(file, SPEC, LIMITS))


async def test_the_pool_is_bounded() -> None:
    """However many images wait, no more are decoded at a time than there are threads."""
    gate = Gate()
    with decoding(2, gate) as decoder:
        tasks = [begin(decoder, JPEG, JPEG, JPEG) for _ in range(10)]
        await started(gate, 2)
        await asyncio.sleep(0.02)
        assert len(gate.decoded) == 2
        gate.open.set()
        await asyncio.gather(*tasks)
    assert (len(gate.decoded), gate.most_at_once) == (30, 2)


async def test_what_expired_in_the_queue_is_not_decoded() -> None:
    """A request whose deadline passes while it waits for a thread fails then, and its images are never decoded."""
    gate = Gate()
    with decoding(1, gate) as decoder:
        busy = begin(decoder, JPEG)
        await started(gate, 1)
        with pytest.raises(DeadlineExceededError):
            await asyncio.wait_for(begin(decoder, BROKEN, BROKEN, seconds=0.05), 20)
        gate.open.set()
        await busy
        await begin(decoder, JPEG)
    assert gate.decoded == [JPEG, JPEG]


async def test_a_request_that_is_late_already() -> None:
    """A deadline in the past is a deadline that has passed."""
    gate = Gate()
    with decoding(1, gate) as decoder:
        with pytest.raises(DeadlineExceededError):
            await begin(decoder, JPEG, seconds=-1)
        assert gate.decoded == []


async def test_nobody_s_images_are_decoded_who_has_left() -> None:
    """A cancelled request takes those of its images out of the queue that wait for a thread."""
    gate = Gate()
    with decoding(1, gate) as decoder:
        busy = begin(decoder, JPEG)
        await started(gate, 1)
        leaving = begin(decoder, BROKEN, BROKEN)
        await asyncio.sleep(0.01)
        leaving.cancel()
        await asyncio.wait([leaving])
        gate.open.set()
        await busy
        await begin(decoder, JPEG)
    assert gate.decoded == [JPEG, JPEG]


async def test_one_bad_image_fails_its_request_only() -> None:
    """A damaged image fails its request with its name, and the images behind it are not decoded; others are served."""
    gate = Gate()
    gate.open.set()
    with decoding(1, gate) as decoder:
        bad, good = begin(decoder, BROKEN, *[JPEG] * 50), begin(decoder, JPEG)
        with pytest.raises(InvalidFieldError) as caught:
            await bad
        assert caught.value.field == "images[0]"
        assert len(await good) == 1
    assert len(gate.decoded) < 52


async def test_the_golden_image_need_not_queue() -> None:
    """An image that comes first is decoded although all threads are busy."""
    gate = Gate()
    with decoding(1, gate) as decoder:
        busy = begin(decoder, JPEG)
        await started(gate, 1)
        golden = begin(decoder, JPEG, first=True)
        await started(gate, 1)
        gate.open.set()
        await asyncio.gather(busy, golden)


async def test_closing_answers_everyone() -> None:
    """Those who wait for a thread when the gateway stops get an error at once, and so do those who come later."""
    gate = Gate()
    decoder = ImageDecoder(1, LIMITS, gate)
    tasks = [begin(decoder, JPEG) for _ in range(3)]
    await started(gate, 1)
    decoder.close()
    for late in (*tasks[1:], begin(decoder, JPEG)):
        with pytest.raises(ModelUnavailableError, match="stopping"):
            await late
    gate.open.set()
    assert len(await tasks[0]) == 1
