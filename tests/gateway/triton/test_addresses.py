"""What `triton_url` may say, and what names stand for."""

import pytest

from gateway.setting import SettingsError
from gateway.triton.addresses import Addresses, look_up, parse


def addresses(*fixed: str, names: frozenset[tuple[str, int]] = frozenset()) -> Addresses:
    """Addresses as they are parsed."""
    return Addresses(frozenset(fixed), names)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("127.0.0.1:8001", addresses("127.0.0.1:8001")),
        ("triton:8001", addresses("triton:8001")),
        ("[::1]:8001", addresses("[::1]:8001")),
        ("a:1,b:2", addresses("a:1", "b:2")),
        (" a:1 , a:1,, b:65535,", addresses("a:1", "b:65535")),
        ("dns:///triton.scoring.svc:8001", addresses(names=frozenset({("triton.scoring.svc", 8001)}))),
        ("a:1,dns:///b:2", addresses("a:1", names=frozenset({("b", 2)}))),
    ],
)
def test_urls(url: str, expected: Addresses) -> None:
    """One address, several, names to look up, and all of them mixed."""
    assert parse(url) == expected


@pytest.mark.parametrize(
    "url",
    [",", "triton", "triton:", ":8001", "a:0", "a:65536", "a:1 b:2", "http://a:1", "dns://8.8.8.8/a:1", "a:\u0661"],
)
def test_urls_that_cannot_be_read(url: str) -> None:
    """Anything else is refused at start, with what was given and what is expected."""
    with pytest.raises(SettingsError, match="expected host:port or dns:///NAME:PORT") as caught:
        parse(url)
    assert repr(url) in str(caught.value)


async def test_names() -> None:
    """A name stands for its addresses, an address for itself; what does not exist stands for none."""
    assert "127.0.0.1:8001" in await look_up("localhost", 8001)
    assert await look_up("127.0.0.2", 8001) == {"127.0.0.2:8001"}
    assert await look_up("::1", 8001) == {"[::1]:8001"}
    assert await look_up("nobody.invalid", 8001) == frozenset()
    assert await look_up("a" * 300, 8001) == frozenset()
