"""The classification service with all its parts, in front of a fake Triton."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import numpy as np
import pytest

from gateway.batcher import Batcher, Merging
from gateway.catalogs import Catalogs
from gateway.errors import (
    CatalogUnavailableError,
    DeadlineExceededError,
    InvalidFieldError,
    ModelFaultError,
    ModelUnavailableError,
    NotReadyError,
    OverloadedError,
    UnsupportedMediaTypeError,
)
from gateway.image_catalog import ImageCatalog
from gateway.image_decoder import ImageDecoder
from gateway.image_service import Classification, EncodedImage, ImageAnswer, ImageQuery, ImageService
from gateway.limits.admission import Admission, Bounds
from gateway.served_engine import ServedEngine
from gateway.settings import Settings
from gateway.triton.addresses import parse
from gateway.triton.channel import TritonChannel
from gateway.triton.images import ImageClassifier
from preprocessing.image import ImageLimits
from tests.gateway.calls import call
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.image_model import GOLDEN, LABELS, picture, write_image_version
from tests.pictures import encode


class Parts(NamedTuple):
    """The service, and what stands behind it."""

    service: ImageService
    triton: FakeTriton
    batcher: Batcher[Any, Any]
    admission: Admission

    def ask(self, *files: bytes, top_k: int = 3, seconds: float = 5.0) -> asyncio.Task[ImageAnswer]:
        """Begin to classify images, as a request that passes admission."""
        images = [EncodedImage(data, None, f"images[{at}]") for at, data in enumerate(files)]
        return asyncio.create_task(self._admitted(ImageQuery(images, top_k), seconds))

    async def _admitted(self, query: ImageQuery, seconds: float) -> ImageAnswer:
        asking = call(self.admission, seconds)
        try:
            return await self.service.classify(query, asking)
        finally:
            assert asking.place is not None
            asking.place.leave(answered=asking.timing is not None)


@asynccontextmanager
async def serving(repository: Path, triton: FakeTriton, *others: FakeTriton, **changes: Any) -> AsyncIterator[Parts]:
    """A service over a repository and a Triton, or several that take turns."""
    settings = Settings(**changes)
    async with AsyncExitStack() as stack:
        tritons = [await stack.enter_async_context(running_triton(each)) for each in (triton, *others)]
        channel = TritonChannel(parse(",".join(each.url for each in tritons)))
        classifier = ImageClassifier(channel, "resnet152")
        size = settings.max_image_batch_size
        batcher = Batcher(classifier, Merging(size, settings.max_image_calls, size, patience=0.02))
        decoder = ImageDecoder(2, ImageLimits(settings.max_image_bytes, settings.max_image_pixels))
        catalogs = Catalogs(repository, "resnet152", ImageCatalog.load)
        engine = ServedEngine(classifier.engine, batcher.limit)
        admission = Admission(Bounds(settings.max_waiting_images, 1 << 30, size * settings.max_image_calls), "images")
        yield Parts(ImageService(settings, decoder, batcher, engine, catalogs), triton, batcher, admission)
        decoder.close()
        await batcher.close()
        await channel.close()


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    """A service over one version."""
    write_image_version(tmp_path)
    async with serving(tmp_path, FakeTriton()) as parts:
        yield parts


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something has come about in the fake or in a thread."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.002)


def best(answer: ImageAnswer) -> list[str]:
    """Return the WordNet id of each image's best class."""
    return [classes[0].wnid for classes in answer.results]


def wnids(*numbers: int) -> list[str]:
    """Return the WordNet ids of classes."""
    return [LABELS[number][0] for number in numbers]


async def test_an_image_is_classified(parts: Parts) -> None:
    """The classes come best first with wnid, label and probability; version, engine and batch with them."""
    answer = await parts.ask(picture(7), top_k=3)
    expected = [Classification(*LABELS[7 + place], 0.5 ** (place + 1)) for place in range(3)]
    assert answer.results == [expected]
    assert (answer.catalog.version, answer.engine) == ("1", "onnxruntime-cpu")
    assert answer.timing.batch == 1
    assert parts.triton.images == [7]


async def test_every_class_can_be_had(parts: Parts) -> None:
    """top_k up to the number of classes returns them all, each once; equals stand in the order of the outputs."""
    (classes,) = (await parts.ask(picture(998), top_k=1000)).results
    assert [each.wnid for each in classes] == wnids(998, 999, *range(998))


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
async def test_formats(parts: Parts, format_: str) -> None:
    """Every accepted format reaches the model as the same picture."""
    answer = await parts.ask(picture(345, format_, 300, 260))
    assert best(answer) == wnids(345)


async def test_several_images_in_one_call(parts: Parts) -> None:
    """The images of a request go to the model together, and each gets its own result, in order."""
    numbers = [0, 999, 123, 456, 789]
    assert best(await parts.ask(*map(picture, numbers))) == wnids(*numbers)
    assert parts.triton.image_calls == [numbers]


async def test_images_of_several_clients_are_merged(parts: Parts) -> None:
    """While a call is under way, the images of other clients gather and leave together."""
    parts.triton.image_delay = 0.3
    first = parts.ask(picture(1))
    await until(lambda: bool(parts.triton.image_calls))
    answers = await asyncio.gather(first, *(parts.ask(picture(number)) for number in range(2, 8)))
    assert [best(answer) for answer in answers] == [wnids(number) for number in range(1, 8)]
    assert len(parts.triton.image_calls) <= 3


async def test_a_model_s_own_limit_is_respected(tmp_path: Path) -> None:
    """No call is larger than the model's max_batch_size; 0 leaves the limit to the gateway's setting."""
    write_image_version(tmp_path)
    for image_batch, sizes in ((3, [3, 3, 2]), (0, [6, 2]), (100, [6, 2])):
        async with serving(tmp_path, FakeTriton(image_batch=image_batch), max_image_batch_size=6) as parts:
            answer = await parts.ask(*map(picture, range(8)))
            assert best(answer) == wnids(*range(8))
            assert sorted(map(len, parts.triton.image_calls), reverse=True) == sizes


async def test_bad_images_never_reach_the_model(parts: Parts) -> None:
    """A bad image fails its request with its name, before the others are decoded or sent."""
    for bad, kind in ((b"not an image", UnsupportedMediaTypeError), (picture(1)[:-30], InvalidFieldError)):
        with pytest.raises(kind) as caught:
            await parts.ask(picture(1), bad)
        assert caught.value.field == "images[1]"
    assert parts.triton.image_calls == []


async def test_the_right_preprocessing_for_the_version_that_answers(tmp_path: Path) -> None:
    """Pixels made by one version's rule never get an answer of a version with another: they are made again by its own.

    The picture's centre has another colour than its rim: how much of the rim is seen tells which rule made the pixels.
    """
    pixels = np.zeros((224, 224, 3), np.uint8)
    pixels[60:-60, 60:-60] = 255
    image = encode(pixels, "PNG")
    write_image_version(tmp_path, 1, preprocessing={"resize": 224, "crop": 224, "filter": "nearest"})
    write_image_version(tmp_path, 2, preprocessing={"resize": 448, "crop": 224, "filter": "nearest"})
    async with serving(tmp_path, FakeTriton(image_version="1")) as parts:
        seen: dict[str, list[str]] = {}
        for version, calls in (("1", 2), ("2", 2), ("2", 1), ("1", 2)):  # at first, the newest on disk is believed in
            parts.triton.image_version = version
            parts.triton.image_calls.clear()
            answer = await parts.ask(image)
            assert answer.catalog.version == version
            assert len(parts.triton.image_calls) == calls
            assert seen.setdefault(version, best(answer)) == best(answer)
        assert seen["1"] != seen["2"]


async def test_a_model_that_changes_all_the_time(tmp_path: Path) -> None:
    """When every answer comes from a version with another rule, the request fails: a wrong answer is worse."""
    for version in (1, 2):
        write_image_version(
            tmp_path, version, preprocessing={"resize": 223 + version, "crop": 224, "filter": "nearest"}
        )

    class Flapping(FakeTriton):
        async def ModelInfer(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
            self.image_version = "1" if self.image_version == "2" else "2"
            return await super().ModelInfer(request, context)

    async with serving(tmp_path, Flapping(image_version="2")) as parts:
        with pytest.raises(ModelUnavailableError, match="replaced"):
            await parts.ask(picture(1))
        assert len(parts.triton.image_calls) == 3


async def test_the_engine_follows_the_version(tmp_path: Path) -> None:
    """Triton is asked what runs the model when another version answers, and at each proof; not for each request."""
    write_image_version(tmp_path, 1)
    write_image_version(tmp_path, 2)
    async with serving(tmp_path, FakeTriton()) as parts:
        for _ in range(5):
            assert (await parts.ask(picture(1))).engine == "onnxruntime-cpu"
        assert parts.triton.config_calls == ["", "1"]
        parts.triton.image_version, parts.triton.image_backend = "2", "openvino"
        assert (await parts.ask(picture(1))).engine == "openvino-cpu"
        parts.triton.image_backend = "onnxruntime"
        await parts.service.prove(5)
        assert await parts.service.engine() == "onnxruntime-cpu"
        assert parts.triton.config_calls == ["", "1", "2", "2"]


async def test_the_engine_is_unknown_while_triton_does_not_say(parts: Parts) -> None:
    """Without Triton's word, there is no name for the engine."""
    parts.triton.image_status = grpc.StatusCode.UNAVAILABLE
    assert await parts.service.engine() is None
    parts.triton.image_status = None
    assert await parts.service.engine() == "onnxruntime-cpu"


async def test_overload_is_refused_before_decoding(tmp_path: Path) -> None:
    """Images beyond the limit are refused at once; what was admitted is answered, and then there is room again."""
    write_image_version(tmp_path)
    async with serving(tmp_path, FakeTriton(image_delay=1), max_waiting_images=5) as parts:
        admitted = [parts.ask(picture(1), picture(2)), parts.ask(picture(3), picture(4))]
        await until(lambda: len(parts.triton.images) >= 4)
        with pytest.raises(OverloadedError) as caught:
            await parts.ask(picture(5), picture(6))
        assert (caught.value.limit, caught.value.received) == (5, 5)
        await asyncio.gather(*admitted)
        await parts.ask(picture(5), picture(6))


async def test_a_list_longer_than_the_queue_enters_an_empty_one(tmp_path: Path) -> None:
    """A list longer than the limit is answered where nobody waits: it could never be answered otherwise."""
    write_image_version(tmp_path)
    async with serving(tmp_path, FakeTriton(), max_waiting_images=2) as parts:
        assert len((await parts.ask(*map(picture, range(3)))).results) == 3


async def test_who_leaves_makes_room(tmp_path: Path) -> None:
    """A client that hangs up gives its places back at once, and what it asked for and is not yet sent is never sent."""
    write_image_version(tmp_path)
    async with serving(tmp_path, FakeTriton(image_delay=1), max_waiting_images=2, max_image_calls=1) as parts:
        first = parts.ask(picture(1))
        await until(lambda: len(parts.triton.images) == 1)
        leaving = parts.ask(picture(2))
        await until(lambda: parts.batcher.waiting == 1)
        leaving.cancel()
        await asyncio.wait([leaving])
        second = parts.ask(picture(3))
        assert best(await first) + best(await second) == wnids(1, 3)
        assert parts.triton.images == [1, 3]


async def test_the_deadline_covers_everything(tmp_path: Path) -> None:
    """A Triton that hangs costs a client its deadline and no more, and its places are free again."""
    write_image_version(tmp_path)
    async with serving(tmp_path, FakeTriton(image_delay=30), max_waiting_images=1) as parts:
        for _ in range(2):
            with pytest.raises(DeadlineExceededError):
                await asyncio.wait_for(parts.ask(picture(1), seconds=0.3), 20)


async def test_a_failed_call_fails_its_own(parts: Parts) -> None:
    """A broken reply is a fault of the model; the next request is served as if nothing had been."""
    parts.triton.spoil = np.zeros_like
    with pytest.raises(ModelFaultError):
        await parts.ask(picture(1))
    parts.triton.spoil = None
    assert best(await parts.ask(picture(1))) == wnids(1)


async def test_without_a_version(tmp_path: Path) -> None:
    """A model that is not in the repository is not served, until a version appears."""
    async with serving(tmp_path, FakeTriton()) as parts:
        assert not await parts.service.published()
        with pytest.raises(CatalogUnavailableError, match="holds no version of resnet152"):
            await parts.ask(picture(1))
        write_image_version(tmp_path)
        assert await parts.service.published()
        assert best(await parts.ask(picture(1))) == wnids(1)


async def test_the_golden_image_proves_the_whole_path(parts: Parts) -> None:
    """The proof sends the golden picture through decoding, merging and Triton."""
    await parts.service.prove(5)
    assert parts.triton.image_calls == [[GOLDEN]]


async def test_a_wrong_class_is_no_proof(tmp_path: Path) -> None:
    """A golden picture that gets another class than the known one proves nothing."""
    write_image_version(tmp_path, golden={"class": 418, "probability": 0.5})
    async with serving(tmp_path, FakeTriton()) as parts:
        with pytest.raises(NotReadyError, match="golden image did not get its known class"):
            await parts.service.prove(5)


async def test_each_version_has_its_own_golden_class(tmp_path: Path) -> None:
    """When another version answers than was believed, its own golden picture counts."""
    write_image_version(tmp_path, 1)
    write_image_version(tmp_path, 2, golden={"class": 418, "probability": 0.5})
    async with serving(tmp_path, FakeTriton(image_version="1")) as parts:
        await parts.service.prove(5)


async def test_versions_that_take_turns_are_ready(tmp_path: Path) -> None:
    """Whichever version answers during a roll-out, its own golden picture was asked: not one proof fails."""
    write_image_version(tmp_path, 1)
    write_image_version(tmp_path, 2, golden={"class": GOLDEN + 1, "probability": 0.5})
    new = FakeTriton(image_version="2", spoil=lambda rows: np.roll(rows, 1, axis=1))  # it names the class behind
    async with serving(tmp_path, FakeTriton(image_version="1"), new) as parts, asyncio.timeout(60):
        while not (parts.triton.image_calls and new.image_calls):  # one is connected before the other
            await parts.service.prove(10)
        for _ in range(20):
            await parts.service.prove(10)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"image_delay": 30}, "The golden image was not answered within 0.2 s."),
        ({"image_status": grpc.StatusCode.UNAVAILABLE}, "resnet152: Triton cannot be reached or is not ready."),
        ({"image_version": "9"}, "resnet152/9/model.json cannot be read: No such file or directory."),
    ],
)
async def test_reasons_not_to_be_ready(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    """Whatever keeps the golden picture from its class is said in a sentence."""
    write_image_version(tmp_path)
    async with serving(tmp_path, FakeTriton(**changes)) as parts:
        with pytest.raises(NotReadyError) as caught:
            await parts.service.prove(0.2)
        assert caught.value.detail == reason


async def test_a_full_service_is_ready(tmp_path: Path) -> None:
    """The golden picture needs no admission and goes before those who wait."""
    write_image_version(tmp_path)
    changes = {"max_waiting_images": 40, "max_image_batch_size": 2, "max_image_calls": 1, "max_images": 40}
    async with serving(tmp_path, FakeTriton(image_delay=0.05), **changes) as parts:
        crowd = parts.ask(*[picture(1)] * 40)
        await until(lambda: len(parts.triton.images) >= 4)
        await parts.service.prove(5)
        assert [GOLDEN] in [call[:1] for call in parts.triton.image_calls[:10]]
        await crowd
