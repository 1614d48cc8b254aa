"""The requests that ask for pictures' classes: serialised once, before the clock runs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tritonclient.grpc import service_pb2

from gateway.generated.scoring_pb2 import ClassifyImageRequest
from loadtest.batches import batches
from loadtest.images.pictures import MEDIA_TYPE

if TYPE_CHECKING:  # a process that has loaded an engine cannot be forked any more
    from loadtest.images.engines import Images

TOP_K = 3
_BOUNDARY = "pictures-of-the-benchmark"
MULTIPART = f"multipart/form-data; boundary={_BOUNDARY}"
# Tensors of several images are large, and the engine's time does not depend on their content.
_BATCHES = 4


def multipart_bodies(pictures: Sequence[bytes], field: str, size: int = 1) -> list[bytes]:
    """Return multipart/form-data bodies with `size` files each, all in parts of one name."""
    return [_multipart(batch, field) for batch in batches(pictures, size)]


def _multipart(pictures: Sequence[bytes], field: str) -> bytes:
    parts = []
    for place, picture in enumerate(pictures):
        disposition = f'content-disposition: form-data; name="{field}"; filename="{place}.jpg"'
        head = f"--{_BOUNDARY}\r\n{disposition}\r\ncontent-type: {MEDIA_TYPE}\r\n\r\n"
        parts += [head.encode(), picture, b"\r\n"]
    return b"".join([*parts, f"--{_BOUNDARY}--\r\n".encode()])


def grpc_messages(pictures: Sequence[bytes]) -> list[bytes]:
    """Return serialised scoring.v1.ClassifyImageRequest messages of one picture each."""
    return [ClassifyImageRequest(image=picture, top_k=TOP_K).SerializeToString() for picture in pictures]


def triton_messages(images: "Images", model: str, size: int = 1) -> list[bytes]:
    """Return serialised KServe v2 ModelInferRequest messages of `size` images each; `images` is [N, h, w, 3]."""
    made = [_triton_message(batch, images.shape[1:], model) for batch in batches([*map(bytes, images)], size)]
    return made if size == 1 else made[:_BATCHES]


def _triton_message(batch: Sequence[bytes], shape: tuple[int, ...], model: str) -> bytes:
    request = service_pb2.ModelInferRequest(model_name=model)
    request.inputs.add(name="image", datatype="UINT8", shape=(len(batch), *shape))
    request.outputs.add(name="probabilities")
    request.raw_input_contents.append(b"".join(batch))
    message: bytes = request.SerializeToString()
    return message
