"""The figures of the image benchmark."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from loadtest import grpc_driver
from loadtest.figures import Drive, Figure, Kind, Load, Subject, grpc_figure, http_drive, http_figure, in_process_figure
from loadtest.http_driver import Target
from loadtest.images import in_process
from loadtest.images.engines import Engine, Images
from loadtest.images.messages import MULTIPART, TOP_K, grpc_messages, multipart_bodies, triton_messages
from loadtest.images.pictures import MEDIA_TYPE
from loadtest.stack import HOST, Peer, Stack
from preprocessing.image import ImageSpec

MODEL = "resnet152"
CLASSIFY_PATH = f"/v1/images/classify?top_k={TOP_K}"
PEER_GROUP = "FastAPI + onnxruntime"
DESIGN_2019 = Subject(Kind.DESIGN_2019, "2019: Flask + Keras", "TensorFlow FP32")

MANY = 8
CROWD = 16  # as many as keep the engine busy: of more, the gateway refuses some once they stand in line
BATCH = 8  # images in a call or a list: as many as the gateway puts into one call to Triton
ALONE, BUSY, CROWDED = Load(1), Load(MANY), Load(CROWD)
LISTS = Load(2, BATCH)  # two at a time: with one, the engine idles while the next request is made
IN_PROCESS_BATCHES = (1, BATCH)


@dataclass(frozen=True)
class Material:
    """What is asked: files, the same decoded ([N, crop, crop, 3] uint8), and how they were decoded."""

    pictures: Sequence[bytes]
    images: Images
    spec: ImageSpec


@dataclass(frozen=True)
class Served:
    """A running stack and the engine, by its name in process, that it serves the model with."""

    stack: Stack
    engine: str

    def subject(self, kind: Kind) -> Subject:
        """Return what the stack is called in the table."""
        name = {Kind.TRITON: "Triton, gRPC", Kind.HTTP: "Gateway, HTTP", Kind.GRPC: "Gateway, gRPC"}[kind]
        return Subject(kind, f"{name} ({self.engine})", self.engine)


def peer_subject(engine: str) -> Subject:
    """Return what the peer is called, which runs on that engine."""
    return Subject(Kind.PEER, PEER_GROUP, engine)


def limits(engines: Sequence[Engine], images: Images, batches: Sequence[int] = IN_PROCESS_BATCHES) -> Iterator[Figure]:
    """What each engine does in process."""
    for engine in engines:
        subject = Subject(Kind.IN_PROCESS, f"In process, {engine.name}", engine.name)
        for batch in batches:
            loop = partial(in_process.closed_loop, engine, images, batch=batch)
            driver = "loadtest.images.in_process: one call at a time"
            yield in_process_figure(subject, f"batch {batch}", Load(1, batch), driver, loop)


def decoding(material: Material) -> Figure:
    """What one core decodes."""
    loop = partial(in_process.decoding_loop, material.pictures, material.spec)
    subject = Subject(Kind.PART, "Decoding alone", "")
    driver = "loadtest.images.in_process: preprocessing.image.to_tensor"
    return in_process_figure(subject, "one core", ALONE, driver, loop)


def triton(served: Served, images: Images, loads: Sequence[Load]) -> Iterator[Figure]:
    """Tensors straight to Triton."""
    for load in loads:
        messages = triton_messages(images, MODEL, load.batch)
        subject = served.subject(Kind.TRITON)
        yield grpc_figure(subject, served.stack.triton_address, grpc_driver.MODEL_INFER, messages, load)


def gateway_http(served: Served, pictures: Sequence[bytes], loads: Sequence[Load]) -> Iterator[Figure]:
    """Files to the gateway: one as a raw body, several as a form."""
    subject, port = served.subject(Kind.HTTP), served.stack.http_port
    for load in loads:
        if load.batch == 1:
            yield http_figure(subject, target(port), pictures, load, slow=True)
        else:
            forms = multipart_bodies(pictures, "images", load.batch)
            yield http_figure(subject, target(port, MULTIPART), forms, load, slow=True)


def gateway_grpc(served: Served, pictures: Sequence[bytes], loads: Sequence[Load]) -> Iterator[Figure]:
    """Files to the gateway over gRPC."""
    for load in loads:
        address, messages = served.stack.grpc_address, grpc_messages(pictures)
        yield grpc_figure(served.subject(Kind.GRPC), address, grpc_driver.CLASSIFY_IMAGE, messages, load)


def fastapi(peer: Peer, engine: str, pictures: Sequence[bytes]) -> Iterator[Figure]:
    """Files to the peer, as its users upload them."""
    for load in (ALONE, BUSY):
        yield http_figure(peer_subject(engine), target(peer.port, MULTIPART), peer_bodies(pictures), load, slow=True)


def design_2019(peer: Peer, pictures: Sequence[bytes]) -> Iterator[Figure]:
    """Files to the service of 2019, as its users uploaded them."""
    asked = Target(HOST, peer.port, "/score", MULTIPART)
    for load in (ALONE, BUSY):
        yield http_figure(DESIGN_2019, asked, peer_bodies(pictures), load, slow=True)


def peer_bodies(pictures: Sequence[bytes]) -> list[bytes]:
    """Return the peers' requests."""
    return multipart_bodies(pictures, "image")


def target(port: int, media_type: str = MEDIA_TYPE) -> Target:
    """Return where a server on this machine takes pictures."""
    return Target(HOST, port, CLASSIFY_PATH, media_type)


def load_over(protocol: str, stack: Stack, pictures: Sequence[bytes]) -> Drive:
    """Return the load of MANY single images at a time on the gateway, over `http` or `grpc`."""
    if protocol == "http":
        return http_drive(target(stack.http_port), pictures, MANY, slow=True)
    (figure,) = gateway_grpc(Served(stack, ""), pictures, [BUSY])
    return figure.drive
