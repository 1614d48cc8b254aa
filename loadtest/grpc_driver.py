"""A closed-loop gRPC driver over `grpc.aio`: messages are bytes made beforehand, replies are not parsed."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import cycle
from time import perf_counter
from typing import Any

import grpc
import uvloop

from loadtest.meter import Meter, Round, Span

MATCH_FAQ = "/scoring.v1.Scoring/MatchFaq"
CLASSIFY_IMAGE = "/scoring.v1.Scoring/ClassifyImage"
MODEL_INFER = "/inference.GRPCInferenceService/ModelInfer"
_DEADLINE = 30.0  # seconds
OPTIONS = [("grpc.enable_http_proxy", 0)]


def closed_loop(address: str, method: str, messages: Sequence[bytes], *, in_flight: int, span: Span) -> Round:
    """Send the messages in turn, `in_flight` at a time on one connection; a status other than OK is an error."""
    return uvloop.run(_drive(address, method, messages, in_flight, Meter(span)))


async def _drive(address: str, method: str, messages: Sequence[bytes], in_flight: int, meter: Meter) -> Round:
    async with grpc.aio.insecure_channel(address, options=OPTIONS) as channel:
        call: Any = channel.unary_unary(method)  # without serialisers: bytes in, bytes out
        rotation = cycle(messages)
        await asyncio.gather(*(_one_caller(call, rotation, meter) for _ in range(in_flight)))
    return meter.round()


async def _one_caller(call: Any, rotation: Iterator[bytes], meter: Meter) -> None:
    while not meter.over:
        sent = perf_counter()
        try:
            reply = await call(next(rotation), timeout=_DEADLINE)
        except grpc.RpcError:
            meter.record(sent, ok=False)
        else:
            meter.record(sent, ok=bool(reply))
