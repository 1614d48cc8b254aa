"""The client of Triton against a real gRPC server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import grpc
import pytest

from gateway.errors import STATUS, DeadlineExceededError, ModelFaultError, ModelUnavailableError
from gateway.triton.addresses import parse
from gateway.triton.channel import TritonChannel
from gateway.triton.faq import FaqRanker
from gateway.triton.statuses import ERRORS
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.faq import ENTRIES


@asynccontextmanager
async def ranker(url: str, model: str = "faq_matcher") -> AsyncIterator[FaqRanker]:
    """A client of a Triton."""
    channel = TritonChannel(parse(url))
    yield FaqRanker(channel, model)
    await channel.close()


def soon(seconds: float = 2.0) -> float:
    """A deadline."""
    return monotonic() + seconds


def test_every_status_is_translated() -> None:
    """Each status that gRPC knows, but OK, has an error that both protocols can report."""
    assert set(ERRORS) == set(grpc.StatusCode) - {grpc.StatusCode.OK}
    assert {kind for kind, _ in ERRORS.values()} <= set(STATUS)


async def test_texts_of_any_alphabet(running: tuple[FakeTriton, Any], triton: FakeTriton) -> None:
    """Texts arrive as they were sent, whatever their bytes, and a row comes back for each."""
    texts = ["loop over array", "сортировать", "数组", "🎉", "a" * 20_000]
    async with ranker(triton.url) as faq:
        reply = await faq.infer([text.encode() for text in texts], soon())
    assert triton.questions == texts
    assert reply.version == "1"
    assert [sorted(ids) for ids, _ in reply.rows] == [[entry.id for entry in ENTRIES]] * len(texts)
    assert all(row == sorted(row, reverse=True) for _, row in reply.rows)


@pytest.mark.parametrize("status", ERRORS, ids=lambda status: status.name)
async def test_errors_keep_triton_s_words_to_themselves(triton: FakeTriton, status: grpc.StatusCode) -> None:
    """Whatever the status, the error says what it means and repeats no word of Triton's or the user's."""
    triton.status = status
    async with ranker(triton.url) as faq:
        with pytest.raises(ERRORS[status][0]) as caught:
            await faq.infer([b"zq7canary"], soon())
    assert "secret" not in str(caught.value)
    assert "zq7canary" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_an_unknown_model(triton: FakeTriton) -> None:
    """A model that Triton does not serve is unavailable, not a fault: it may be on its way."""
    async with ranker(triton.url, "faq_nobody") as faq:
        with pytest.raises(ModelUnavailableError, match="faq_nobody: Triton does not serve this model"):
            await faq.infer([b"loop"], soon())


async def test_the_deadline_ends_a_call(triton: FakeTriton) -> None:
    """A Triton that does not answer costs a caller its deadline and no more."""
    triton.delay = 30
    async with ranker(triton.url) as faq:
        with pytest.raises(DeadlineExceededError):
            await asyncio.wait_for(faq.infer([b"loop"], soon(0.1)), 20)


@pytest.mark.parametrize("probability", [float("nan"), float("inf"), -0.1, 1.1])
async def test_impossible_probabilities(triton: FakeTriton, probability: float) -> None:
    """A probability outside 0 to 1 is a fault of the model, never an answer."""
    triton.probability = probability
    async with ranker(triton.url) as faq:
        with pytest.raises(ModelFaultError, match="between 0 and 1"):
            await faq.infer([b"loop"], soon())


async def test_a_triton_that_comes_back_is_found_again() -> None:
    """A client that lost its Triton, or never had one, finds it again at the same address within a second or so."""
    async with running_triton(FakeTriton()) as first:
        url = first.url
        async with ranker(url) as faq:
            await faq.infer([b"loop"], soon())
            await first.stop()
            with pytest.raises(ModelUnavailableError):
                await faq.infer([b"loop"], soon())
            async with running_triton(FakeTriton(), port=int(url.rpartition(":")[2])):
                await _until_answered(faq, 5)


async def _until_answered(faq: FaqRanker, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while True:
            try:
                await faq.infer([b"loop"], soon())
            except ModelUnavailableError:
                await asyncio.sleep(0.05)
            else:
                return
