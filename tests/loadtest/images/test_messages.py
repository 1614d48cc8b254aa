"""The requests that ask for pictures' classes."""

from email import message_from_bytes
from email.message import Message

import numpy as np
from tritonclient.grpc import service_pb2

from gateway.generated.scoring_pb2 import ClassifyImageRequest
from loadtest.images.messages import MULTIPART, grpc_messages, multipart_bodies, triton_messages
from loadtest.images.plan import Material

PICTURES = [b"\xff\xd8one\r\n--", b"\xff\xd8two", b"\xff\xd8three"]


def test_forms_hold_the_files_unchanged() -> None:
    """Each form has as many parts of the field's name as asked for, and the files' bytes."""
    bodies = multipart_bodies(PICTURES, "images", size=2)
    parts = [_parts(body) for body in bodies]
    assert [[part.get_payload(decode=True) for part in form] for form in parts] == [
        [PICTURES[0], PICTURES[1]], [PICTURES[1], PICTURES[2]], [PICTURES[2], PICTURES[0]],
    ]  # fmt: skip
    assert {part.get_param("name", header="content-disposition") for form in parts for part in form} == {"images"}
    assert {part.get_content_type() for form in parts for part in form} == {"image/jpeg"}


def _parts(body: bytes) -> list[Message]:
    parts = message_from_bytes(f"content-type: {MULTIPART}\r\n\r\n".encode() + body).get_payload()
    assert isinstance(parts, list)
    return [part for part in parts if isinstance(part, Message)]


def test_grpc_carries_the_file() -> None:
    """One picture in each message."""
    (message,) = grpc_messages(PICTURES[:1])
    assert ClassifyImageRequest.FromString(message).image == PICTURES[0]


def test_tensors_are_the_decoded_images(material: Material) -> None:
    """Shape and bytes of a batch are those of its images."""
    messages = triton_messages(material.images, "resnet152", 3)
    request = service_pb2.ModelInferRequest.FromString(messages[1])
    assert (request.inputs[0].name, list(request.inputs[0].shape)) == ("image", [3, 224, 224, 3])
    content = np.frombuffer(request.raw_input_contents[0], np.uint8).reshape(3, 224, 224, 3)
    assert np.array_equal(content, material.images[1:4])
