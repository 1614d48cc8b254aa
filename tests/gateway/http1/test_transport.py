"""The gathering transport."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from gateway.http1.transport import GatheringTransport


class Recorder(asyncio.Transport):
    """A transport that remembers each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.writes.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


@given(turns=st.lists(st.lists(st.binary(), max_size=4), max_size=6))
async def test_a_turn_is_one_write(turns: list[list[bytes]]) -> None:
    """All that is written within a turn of the event loop goes out as one, in order, and nothing is lost."""
    recorder = Recorder()
    transport = GatheringTransport(recorder, asyncio.get_running_loop())
    for pieces in turns:
        for piece in pieces:
            transport.write(piece)
        await asyncio.sleep(0)
    assert recorder.writes == [b"".join(pieces) for pieces in turns if pieces]


async def test_closing_writes_what_is_left() -> None:
    """A reply that is followed by a close is still sent."""
    recorder = Recorder()
    transport = GatheringTransport(recorder, asyncio.get_running_loop())
    transport.write(b"bye")
    transport.close()
    await asyncio.sleep(0)
    assert (recorder.writes, recorder.closed) == ([b"bye"], True)


async def test_a_peer_that_has_gone_gets_nothing() -> None:
    """What was gathered for a connection that broke in the meantime is dropped."""
    recorder = Recorder()
    transport = GatheringTransport(recorder, asyncio.get_running_loop())
    transport.write(b"late")
    recorder.close()
    await asyncio.sleep(0)
    assert recorder.writes == []
