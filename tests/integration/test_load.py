"""`scoring load` on the real stack: the gateway over both protocols, and Triton itself."""

import asyncio

import pytest

from gateway.server import Addresses
from loadtest.errors import LoadTestError
from loadtest.faq.questions import SAMPLE_FILES, read_questions
from loadtest.load import inputs
from loadtest.load.grpc_service import GrpcService
from loadtest.load.http_service import HttpService
from loadtest.load.interrupts import Interrupts
from loadtest.load.plan import plan
from loadtest.load.report import LoadReport
from loadtest.load.run import Watchers, run
from loadtest.load.service import Service
from loadtest.load.triton import describe, messages
from loadtest.meter import Span
from standalone.triton import TritonServer

pytestmark = pytest.mark.triton

QUESTIONS = read_questions(SAMPLE_FILES)
RATE = 10


async def loaded(service: Service) -> LoadReport:
    """A second of load, after a moment of warm-up."""
    planned = plan([RATE], "", "", Span(0.5, 1), "constant", 1)
    watchers = Watchers(lambda *_: None, lambda _: None, lambda _: None)
    report = await asyncio.to_thread(run, service, planned, watchers, Interrupts())
    assert report.steps[0].statuses == {"200": RATE}
    return report


async def test_gateway_over_http(gateway: Addresses) -> None:
    """Replies tell the stages, and which version gave them."""
    service = HttpService(f"http://{gateway.http}", "", inputs.questions_over_http(QUESTIONS, 1))
    report = await loaded(service)
    assert {"total", "decode", "wait", "infer"} <= {each.stage for each in report.steps[0].stages}
    assert report.facts.versions["faq_matcher"] == "1"


async def test_gateway_over_grpc(gateway: Addresses) -> None:
    """Lists of questions, too."""
    report = await loaded(GrpcService(gateway.grpc, "", inputs.questions_over_grpc(QUESTIONS, 4)))
    assert (report.target.batch, report.facts.versions["faq_matcher"]) == (4, "1")


async def test_triton_itself(triton_address: str) -> None:
    """What is sent follows from what the model takes."""
    described = await asyncio.to_thread(describe, triton_address, "faq_matcher")
    made = messages(described, lambda: QUESTIONS, list, 1)
    report = await loaded(GrpcService(triton_address, "", made))
    assert report.facts.versions["triton"] == described.triton
    pictures = await asyncio.to_thread(describe, triton_address, "resnet152")
    assert (pictures.input, pictures.shape) == ("image", (-1, 224, 224, 3))


async def test_pictures_are_answered(gateway: Addresses) -> None:
    """One request over each protocol, of one and of two pictures."""
    files = inputs.read_pictures(None)[:2]
    for service in (
        HttpService(f"http://{gateway.http}", "", inputs.pictures_over_http(files, 1)),
        HttpService(f"http://{gateway.http}", "", inputs.pictures_over_http(files, 2)),
        GrpcService(gateway.grpc, "", inputs.pictures_over_grpc(files, 1)),
        GrpcService(gateway.grpc, "", inputs.pictures_over_grpc(files, 2)),
    ):
        answer = await asyncio.to_thread(service.ask)
        assert answer.served["resnet152"].startswith("1 ("), service.target


async def test_model_that_triton_does_not_have(triton_address: str) -> None:
    """Its name is repeated, with what to look at."""
    with pytest.raises(LoadTestError, match="no_such_model") as raised:
        await asyncio.to_thread(describe, triton_address, "no_such_model")
    assert "published" in raised.value.hint


@pytest.fixture
def triton_address(triton: TritonServer) -> str:
    """Where Triton listens for gRPC."""
    return triton.grpc_address
