"""The models that can be tuned: what is asked of them, and which ways to merge requests are worth trying."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadtest.errors import LoadTestError
from loadtest.faq import plan as faq_plan
from loadtest.faq import questions
from loadtest.images import messages
from loadtest.images import plan as images_plan
from loadtest.images.card import read_card
from loadtest.images.in_process import tensors
from loadtest.images.pictures import photos
from loadtest.stack import check_published, published


@dataclass(frozen=True)
class Model:
    """A model, and the values that its configs are tried with.

    `batch` is what an engine gets that merged nothing so far, `gateway_batch` what one gateway sends at most by
    default. `concurrency` items are asked at a time where no latency limit says how many can wait.
    """

    name: str
    unit: str
    publish: str  # the command that publishes a version
    messages: Callable[[Path, int], list[bytes]]  # of a version's folder, with so many items each
    batch: int
    batches: Sequence[int]
    delays_us: Sequence[int]
    gateway_batch: int
    gateway_setting: str
    concurrency: int
    engines: Sequence[str]


def _questions(folder: Path, size: int) -> list[bytes]:
    texts = questions.read_questions(list(questions.SAMPLE_FILES))
    return questions.triton_messages(texts, faq_plan.MODEL, size)


def _images(folder: Path, size: int) -> list[bytes]:
    images = tensors(photos(), read_card(folder).preprocessing)
    return messages.triton_messages(images, images_plan.MODEL, size)


MODELS = {
    model.name: model
    for model in (
        Model(
            name=faq_plan.MODEL,
            unit="questions",
            publish="scoring convert faq",
            messages=_questions,
            batch=64,
            batches=(16, 32, 64, 128),
            delays_us=(0, 200, 500, 1000, 2000),
            gateway_batch=64,
            gateway_setting="--max-batch-size",
            concurrency=64,
            engines=("onnxruntime",),
        ),
        Model(
            name=images_plan.MODEL,
            unit="images",
            publish="scoring convert resnet152",
            messages=_images,
            batch=16,
            batches=(8, 16, 32),
            delays_us=(0, 2000, 10_000),
            gateway_batch=8,
            gateway_setting="--max-image-batch-size",
            concurrency=16,
            engines=("onnxruntime", "openvino"),
        ),
    )
}


def check(model: Model, engines: Collection[str], list_size: int) -> None:
    """Raise LoadTestError for an engine that cannot run the model, and for requests larger than any batch."""
    for name in engines:
        if name not in model.engines:
            raise LoadTestError(f"{model.name} runs on no engine {name!r}", f"take one of {', '.join(model.engines)}")
    if list_size > max(model.batches):
        raise LoadTestError(
            f"no batch holds {list_size} {model.unit}", f"send at most --list-size {max(model.batches)}"
        )


def find(name: str, repository: Path) -> Model:
    """Return a model that has a version in the repository. Raises LoadTestError."""
    model = MODELS.get(name)
    if model is None:
        raise LoadTestError(f"there is no model {name!r} to tune", f"tune one of {', '.join(MODELS)}")
    check_published(repository, name, f"publish one first: {model.publish}")
    return model


def served(repository: Path, model: Model, size: int) -> list[bytes]:
    """Return the requests for the newest version. Raises LoadTestError."""
    return model.messages(published(repository, model.name), size)
