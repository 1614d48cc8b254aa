"""Lines of several processes on one terminal."""

import io

import pytest

from standalone.console import Console


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_every_line_carries_its_source() -> None:
    """A text of two lines becomes two lines with a prefix; a file gets no colours."""
    stream = io.StringIO()
    Console(stream).write("triton", "one\ntwo", "error")
    assert stream.getvalue() == "triton  | one\ntriton  | two\n"


def test_a_terminal_gets_colours_unless_no_color_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR, whatever its value, switches them off."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured, plain = Terminal(), Terminal()
    Console(coloured).write("gateway", "up")
    monkeypatch.setenv("NO_COLOR", "1")
    Console(plain).write("gateway", "up")
    assert "\x1b[35m" in coloured.getvalue()
    assert plain.getvalue() == "gateway | up\n"


def test_a_reader_that_went_away_does_not_stop_the_writer() -> None:
    """`scoring serve | head` goes on serving."""

    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    Console(Closed()).write("scoring", "nobody reads this")
