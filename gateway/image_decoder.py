"""Decodes images in threads of its own, so that the event loop goes on answering.

Pillow lets go of Python's lock while it decodes and resizes. The pool is the one queue that images wait in before they
are ready for the model; how long it gets is up to admission. The threads keep the process's priority: a lower one helps
questions where nothing but decoding goes on (median 2.4 ms to 1.9 ms), but where the engine works on the same cores, a
thread that waits for its turn with the lock in its hands doubles their 99th percentile.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from gateway.errors import DeadlineExceededError, ModelUnavailableError
from gateway.images import EncodedImage, refusal
from gateway.triton.images import Pixels
from preprocessing.image import ImageError, ImageLimits, ImageSpec, to_tensor

# As preprocessing.image.to_tensor.
Convert = Callable[[bytes, ImageSpec, ImageLimits, str | None], Pixels]


class ImageDecoder:
    """A bounded pool of threads that turns image files into the model's input."""

    def __init__(self, threads: int, limits: ImageLimits, convert: Convert = to_tensor) -> None:
        self.limits = limits
        self._convert = convert
        self._closed = False
        self._pool = ThreadPoolExecutor(threads or len(os.sched_getaffinity(0)), "decode")

    async def decode(
        self, images: Sequence[EncodedImage], spec: ImageSpec, until: float, *, first: bool = False
    ) -> list[Pixels]:
        """Decode images before the time `until` (of `time.monotonic`); nobody's images are decoded who has left.

        `first` is for images that need not queue. Raises RequestError for an image that cannot be used,
        DeadlineExceededError, and ModelUnavailableError once the decoder is closed.
        """
        if self._closed:
            raise _stopping()
        loop = asyncio.get_running_loop()
        pool = None if first else self._pool  # the event loop's own threads are idle most of the time
        decoding = [loop.run_in_executor(pool, self._decode, image, spec, until) for image in images]
        try:
            async with asyncio.timeout(until - monotonic()):
                return await asyncio.gather(*decoding)
        except TimeoutError:
            raise _late() from None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise _stopping() from None  # it is the image's place in the queue that was cancelled, not its request
        finally:
            for each in decoding:  # when one image is refused, nobody waits for the others
                each.cancel()

    def close(self) -> None:
        """Take no more images, and fail those that wait for a thread."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _decode(self, image: EncodedImage, spec: ImageSpec, until: float) -> Pixels:
        if monotonic() >= until:  # it waited too long for a thread
            raise _late()
        try:
            return self._convert(image.data, spec, self.limits, image.media_type)
        except ImageError as error:
            raise refusal(error, image) from None


def _stopping() -> ModelUnavailableError:
    return ModelUnavailableError("The gateway is stopping.")


def _late() -> DeadlineExceededError:
    return DeadlineExceededError("The request was not answered in time.")
