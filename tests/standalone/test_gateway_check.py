"""Settings that the gateway refuses are found before Triton is started."""

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.access.keys_commands import app as keys
from standalone.commands import app
from standalone.errors import SetupError
from standalone.gateway import GatewayServer
from standalone.ports import LOOPBACK


def gateway(host: str) -> GatewayServer:
    """Return a gateway that is not started."""
    return GatewayServer(Path("nowhere"), "127.0.0.1:1", host=host, ports=(0, 0), on_line=print)


def test_an_open_gateway_needs_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond loopback keys are asked for, or anonymous clients are allowed in so many words."""
    gateway(LOOPBACK).check()
    with pytest.raises(SetupError, match=r"^SCORING_HOST='0.0.0.0' opens the service to the network.*scoring keys new"):
        gateway("0.0.0.0").check()
    monkeypatch.setenv("SCORING_ALLOW_ANONYMOUS", "true")
    gateway("0.0.0.0").check()
    monkeypatch.delenv("SCORING_ALLOW_ANONYMOUS")
    monkeypatch.setenv("SCORING_KEYS_FILE", str(tmp_path / "keys.json"))
    with pytest.raises(SetupError, match=r"^SCORING_KEYS_FILE=.*cannot be read: No such file.*scoring keys new"):
        gateway("0.0.0.0").check()
    assert CliRunner().invoke(keys, ["new", "--client", "web", "--scope", "faq"]).exit_code == 0
    gateway("0.0.0.0").check()


def test_serve_says_so_at_once(tmp_path: Path) -> None:
    """`scoring serve` ends with exit code 2 and what to do, and has started nothing."""
    version = tmp_path / "faq_matcher" / "1"
    version.mkdir(parents=True)
    (version / "model.onnx").touch(stat.S_IRUSR)
    (tmp_path / "faq_matcher" / "config.pbtxt").write_text('name: "faq_matcher" backend: "onnxruntime"')
    flags = ("--port", "--grpc-port", "--triton-grpc-port", "--triton-http-port", "--triton-metrics-port")
    ports = [word for flag in flags for word in (flag, "0")]
    result = CliRunner().invoke(app, ["--host", "0.0.0.0", "--model-repository", str(tmp_path), *ports])
    assert result.exit_code == 2
    assert result.stderr.startswith("scoring serve: SCORING_HOST='0.0.0.0' opens the service to the network")
    assert "triton" not in result.stdout
