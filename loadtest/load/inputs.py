"""What the gateway is asked: questions and pictures as HTTP bodies or gRPC messages, made before the clock runs."""

from collections.abc import Sequence
from pathlib import Path

from gateway.generated.scoring_pb2 import ClassifyImageReply, ClassifyImageRequest, MatchFaqReply, MatchFaqRequest
from loadtest.batches import batches
from loadtest.errors import LoadTestError
from loadtest.faq.plan import MATCH_PATH
from loadtest.faq.questions import TOP_K, http_bodies
from loadtest.faq.questions import grpc_messages as faq_messages
from loadtest.grpc_driver import CLASSIFY_IMAGE, MATCH_FAQ
from loadtest.images.messages import MULTIPART, multipart_bodies
from loadtest.images.messages import grpc_messages as image_messages
from loadtest.images.pictures import photos
from loadtest.images.plan import CLASSIFY_PATH
from loadtest.load.grpc_service import Messages
from loadtest.load.http_service import Bodies
from loadtest.load.service import model_version

FAQ, IMAGES = "faq", "images"
_JSON, _ANY = "application/json", "application/octet-stream"
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
_MOST = 256  # pictures of a folder: each process holds all of them


def questions_over_http(questions: Sequence[str], batch: int) -> Bodies:
    """Return requests of `batch` questions each."""
    return Bodies(FAQ, MATCH_PATH, _JSON, http_bodies(questions, batch), batch)


def questions_over_grpc(questions: Sequence[str], batch: int) -> Messages:
    """Return messages of `batch` questions each."""
    lists = (MatchFaqRequest(questions=each, top_k=TOP_K) for each in batches(questions, batch))
    made = faq_messages(questions) if batch == 1 else [each.SerializeToString() for each in lists]
    return Messages(FAQ, MATCH_FAQ, made, batch, _faq_served)


def pictures_over_http(pictures: Sequence[bytes], batch: int) -> Bodies:
    """Return requests of `batch` pictures each."""
    if batch == 1:
        return Bodies(IMAGES, CLASSIFY_PATH, _ANY, pictures, batch)
    return Bodies(IMAGES, CLASSIFY_PATH, MULTIPART, multipart_bodies(pictures, "images", batch), batch)


def pictures_over_grpc(pictures: Sequence[bytes], batch: int) -> Messages:
    """Return messages of `batch` pictures each."""
    lists = (ClassifyImageRequest(images=each, top_k=TOP_K) for each in batches(pictures, batch))
    made = image_messages(pictures) if batch == 1 else [each.SerializeToString() for each in lists]
    return Messages(IMAGES, CLASSIFY_IMAGE, made, batch, _images_served)


def read_pictures(folder: Path | None) -> list[bytes]:
    """Return the pictures in a folder, the first ones by name, or generated ones. Raises LoadTestError."""
    if folder is None:
        return photos()
    try:
        files = sorted(each for each in folder.iterdir() if each.suffix.lower() in _SUFFIXES)
        pictures = [each.read_bytes() for each in files[:_MOST]]
    except OSError as error:
        raise LoadTestError(f"{folder} cannot be read: {error.strerror}", "give a folder: --images FOLDER") from None
    if not pictures:
        raise LoadTestError(
            f"{folder} holds no picture", f"put in some whose names end in {' '.join(sorted(_SUFFIXES))}"
        )
    return pictures


def _faq_served(reply: bytes) -> dict[str, str]:
    model = MatchFaqReply.FromString(reply).model
    return {model.name: model.version}


def _images_served(reply: bytes) -> dict[str, str]:
    model = ClassifyImageReply.FromString(reply).model
    return {model.name: model_version(model.version, model.engine, model.weights)}
