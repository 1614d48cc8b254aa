"""Starting Triton: what is checked before, what a failed start says, what is left afterwards."""

from pathlib import Path

import grpc
import pytest
from google.protobuf import json_format, text_format
from tritonclient.grpc import model_config_pb2, service_pb2

from standalone import processes
from standalone.errors import SetupError, StartError
from standalone.run_folder import SHARED_MEMORY
from standalone.triton import TritonServer
from standalone.triton_command import Ports
from standalone.triton_log import Entry
from tests.standalone.serve_process import wait_for
from tests.standalone.tiny_models import TAGS_CONFIG, tags_model, write_model
from tests.standalone.triton_client import Client

# 127.0.0.1 as /proc/net/tcp and /proc/net/tcp6 write it
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one model."""
    write_model(tmp_path, TAGS_CONFIG, tags_model())
    return tmp_path


@pytest.mark.triton
def test_a_server_is_ready_inside_its_block_and_gone_after_it(repository: Path) -> None:
    """It answers at once, listens on the loopback address alone, and leaves no port and no shared memory."""
    log: list[Entry] = []
    with TritonServer(repository, on_entry=log.append) as server:
        with Client(server.grpc_address) as client:
            assert client.infer("tags", {"text": [b"array"]})["code"] == [[1]]
        assert len(server.stub_pids) == 1
        assert server.fault() is None
        addresses = _listening_addresses()
        assert all(addresses[port] <= LOOPBACK for port in server.ports.by_flag().values())
        region = SHARED_MEMORY / _shared_memory_of(server.stub_pids[0])
        assert region.exists()
    assert [(entry.level, entry.text) for entry in log] == [("info", "successfully loaded 'tags'")]
    assert not region.exists()
    TritonServer(repository, server.ports)  # checks that its ports are free again


def _shared_memory_of(stub: int) -> str:
    return Path(f"/proc/{stub}/cmdline").read_text().split("\0")[2]


def _listening_addresses() -> dict[int, set[str]]:
    addresses: dict[int, set[str]] = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for row in Path(table).read_text().splitlines()[1:]:
            _, local, _, state, *_ = row.split()
            address, _, port = local.partition(":")
            if state == "0A":
                addresses.setdefault(int(port, 16), set()).add(address)
    return addresses


@pytest.mark.triton
def test_a_model_that_cannot_be_loaded_fails_the_start_with_the_reason(repository: Path) -> None:
    """The error names model, version and fault in one line, without Python's traceback."""
    config = TAGS_CONFIG.replace("TYPE_INT64", "TYPE_INT32").replace('"tags"', '"wrong"')
    write_model(repository, config, tags_model())
    with pytest.raises(StartError) as error, TritonServer(repository):
        pass
    assert str(error.value) == (
        "cannot load wrong version 1: configuration expects datatype TYPE_INT32 for output 'code', "
        "model provides TYPE_INT64"
    )
    assert "config.pbtxt" in error.value.hint


@pytest.mark.triton
def test_a_stub_that_would_import_numpy_2_is_refused(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What counts is the numpy that the stub finds, which may be another one than the installed one."""
    packages = tmp_path_factory.mktemp("packages")
    (packages / "numpy").mkdir()
    (packages / "numpy" / "__init__.py").write_text("__version__ = '2.0.0'")
    monkeypatch.syspath_prepend(str(packages))
    with pytest.raises(StartError, match=r"numpy 2\.0\.0 of .* is too new"), TritonServer(repository):
        pass


@pytest.mark.triton
def test_another_config_of_a_model_is_chosen_by_its_name(repository: Path) -> None:
    """configs/NAME.pbtxt takes the place of config.pbtxt where a model has it."""
    other = TAGS_CONFIG.replace("max_batch_size: 64", "max_batch_size: 2")
    (repository / "tags" / "configs").mkdir()
    (repository / "tags" / "configs" / "small.pbtxt").write_text(other)
    with (
        TritonServer(repository, model_config_name="small") as server,
        Client(server.grpc_address) as client,
        pytest.raises(Exception, match="batch-size must be <= 2"),
    ):
        client.infer("tags", {"text": [b"array"] * 3})


@pytest.mark.triton
def test_clients_load_other_configs_with_model_control_alone(repository: Path) -> None:
    """Then the stubs of the new config take the place of the old ones, and the server is as well as before."""
    request = service_pb2.RepositoryModelLoadRequest(model_name="tags")
    text = TAGS_CONFIG.replace("count: 1", "count: 2").replace("max_batch_size: 64", "max_batch_size: 8")
    config = text_format.Parse(text, model_config_pb2.ModelConfig())
    request.parameters["config"].string_param = json_format.MessageToJson(config)
    with TritonServer(repository, model_control=True) as server, Client(server.grpc_address) as client:
        (before,) = server.stub_pids
        client.stub.RepositoryModelLoad(request, timeout=20)
        wait_for(lambda: not processes.is_alive(before), lambda: "the end of the first config's stub")
        assert len(server.stub_pids) == 2
        assert client.infer("tags", {"text": [b"array"]})["code"] == [[1]]
        assert server.fault() is None
    with (
        TritonServer(repository) as server,
        Client(server.grpc_address) as client,
        pytest.raises(grpc.RpcError, match="explicit model load / unload is not allowed"),
    ):
        client.stub.RepositoryModelLoad(request, timeout=20)


def test_a_busy_port_is_named_with_its_flag_and_its_holder(repository: Path, busy_port: int) -> None:
    """The message says which port, which flag sets it, and who holds it."""
    with pytest.raises(SetupError, match=rf"port {busy_port} .*--triton-http-port.* is in use by \S+ \(process \d+\)"):
        TritonServer(repository, Ports(http=busy_port))


def test_a_missing_repository_is_named_with_the_command_that_makes_one(tmp_path: Path) -> None:
    """Whoever starts before publishing a model learns how to publish one."""
    with pytest.raises(SetupError, match="nowhere is not a folder") as error:
        TritonServer(tmp_path / "nowhere")
    assert "scoring convert faq" in error.value.hint


def test_a_repository_without_a_version_is_refused(tmp_path: Path) -> None:
    """A committed config alone cannot be served."""
    (tmp_path / "tags").mkdir()
    (tmp_path / "tags" / "config.pbtxt").write_text(TAGS_CONFIG)
    with pytest.raises(SetupError, match=r"no model in the repository .* has a version") as error:
        TritonServer(tmp_path)
    assert "scoring convert faq" in error.value.hint


def test_models_without_a_version_are_left_out(repository: Path) -> None:
    """A config whose model was not published yet does not keep the others from being served."""
    (repository / "later" / ".staging-1").mkdir(parents=True)
    (repository / "later" / "config.pbtxt").write_text(TAGS_CONFIG)
    server = TritonServer(repository)
    assert server.repository.served == ("tags",)
    assert server.repository.without_version == ("later",)


def test_a_model_name_that_breaks_the_stubs_command_line_is_refused(repository: Path) -> None:
    """Triton starts the stub through a shell, without quotes."""
    (repository / "tags").rename(repository / "tags; true")
    with pytest.raises(SetupError, match="cannot serve a model named 'tags; true'"):
        TritonServer(repository)
