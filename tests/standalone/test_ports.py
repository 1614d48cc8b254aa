"""Ports: free ones, busy ones, and ones given twice."""

import socket

import pytest

from standalone.errors import SetupError
from standalone.ports import LOOPBACK, check_distinct, check_free, fill_in, take_free


def test_free_ports_are_different_and_can_be_bound() -> None:
    """Several at once do not collide."""
    ports = take_free(5)
    assert len(set(ports)) == 5
    for port in ports:
        socket.create_server((LOOPBACK, port)).close()


def test_zero_is_filled_in() -> None:
    """Only ports given as 0 are chosen."""
    ports = fill_in({"--port": 0, "--grpc-port": 8081})
    assert ports["--port"] > 0
    assert ports["--grpc-port"] == 8081


def test_a_port_given_twice_is_refused() -> None:
    """Both flags are named, and the one to change."""
    with pytest.raises(SetupError, match="port 8081 is given to --grpc-port and to --port") as error:
        check_distinct({"--grpc-port": 8081, "--port": 8081})
    assert error.value.hint == "choose another one: --port PORT"


def test_an_address_of_another_machine_is_refused() -> None:
    """What the system says is passed on. 192.0.2.0/24 is kept for documentation, RFC 5737."""
    with pytest.raises(SetupError, match="cannot be opened: Cannot assign requested address"):
        check_free({"--port": take_free(1)[0]}, "192.0.2.1")


def test_a_port_in_use_is_refused(busy_port: int) -> None:
    """The hint says which flag to change."""
    with pytest.raises(SetupError, match=f"port {busy_port} on 127.0.0.1 .--port. is in use") as error:
        check_free({"--port": busy_port})
    assert error.value.hint.endswith("--port PORT")
