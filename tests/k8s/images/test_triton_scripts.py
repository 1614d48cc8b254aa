"""What the Triton images' builds run, run here on the Triton that this machine has."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import onnx
import pytest
from onnx import TensorProto, helper

from standalone.run_folder import RunFolder
from standalone.triton_command import Hardware, environment
from standalone.wheel import locate
from tests.k8s.images.dockerfile import IMAGES, parse

TRITON = IMAGES / "triton"
SMOKE = TRITON / "smoke"
C_LIBRARY = {"libc", "libdl", "libm", "libmvec", "libpthread", "libresolv", "librt", "libutil", "libanl"}


def _run(command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a line as the images' shell does, their scripts on the PATH."""
    path = {"PATH": f"{TRITON}:{os.environ['PATH']}"}
    return subprocess.run(
        ["/bin/bash", "-eo", "pipefail", "-c", command],
        env={**os.environ, **path, **variables},
        cwd=TRITON,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder laid out as NVIDIA's /opt/tritonserver, with the server of this machine."""
    folder = tmp_path_factory.mktemp("full")
    for name in ("bin", "lib", "backends/onnxruntime", "backends/openvino", "backends/python"):
        (folder / name).mkdir(parents=True)
    shutil.copy2(locate().server, folder / "bin/tritonserver")
    for name in ("LICENSE", "TRITON_VERSION", "NVIDIA_Deep_Learning_Container_License.pdf"):
        (folder / name).write_text(name)
    for provider in ("cuda", "tensorrt", "openvino", "shared"):
        (folder / f"backends/onnxruntime/libonnxruntime_providers_{provider}.so").touch()
    return folder


@pytest.fixture(scope="module")
def collected(full: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the step of the CPU image that collects leaves, made of that folder by its own line."""
    target = tmp_path_factory.mktemp("collected")
    (run,) = parse(TRITON / "cpu.Dockerfile").stage("collected").all("RUN")
    line = run.rest.replace("/opt/tritonserver", str(full)).replace("/collected", str(target))
    done = _run(line, LD_LIBRARY_PATH=str(locate().libraries))
    assert done.returncode == 0, done.stderr
    return target


def test_only_what_is_served_is_taken(collected: Path) -> None:
    """No Python backend and no providers for GPUs; licences are."""
    taken = {str(path.relative_to(collected)) for path in collected.rglob("*") if "system" not in path.parts}
    assert {"LICENSE", "NVIDIA_Deep_Learning_Container_License.pdf", "bin/tritonserver"} <= taken
    assert {path for path in taken if path.startswith("backends/")} == {
        "backends/onnxruntime",
        "backends/onnxruntime/libonnxruntime_providers_openvino.so",
        "backends/onnxruntime/libonnxruntime_providers_shared.so",
        "backends/openvino",
    }


def test_the_server_starts_with_the_collected_libraries_alone(collected: Path) -> None:
    """Nothing else is on its path, and the C library is the system's."""
    system = collected / "system"
    names = {path.name for path in system.iterdir()}
    assert any(name.startswith("libtritonserver") for name in names)
    assert not {name.split(".so")[0] for name in names} & C_LIBRARY
    (*_, check) = parse(TRITON / "cpu.Dockerfile").stage("checked").all("RUN")
    (shows_its_help,) = [part for part in check.rest.split("&&") if "--help" in part]
    path = f"{collected}/bin:{os.environ['PATH']}"
    done = _run(shows_its_help, LD_LIBRARY_PATH=str(system), PATH=path)
    assert done.returncode == 0, done.stderr
    outside = _run(f"needed-libraries {collected}", LD_LIBRARY_PATH=str(system))
    assert outside.returncode == 0, outside.stderr
    assert {line.split()[0].split(".so")[0] for line in outside.stdout.splitlines()} <= C_LIBRARY


def test_a_missing_library_ends_the_build(collected: Path, tmp_path: Path) -> None:
    """Its name is shown; one that the node brings may be missing, and is never taken from elsewhere."""
    copy = tmp_path / "copy"
    shutil.copytree(collected, copy)
    gone = next((copy / "system").glob("libssl*"))
    gone.unlink()
    libraries = str(copy / "system")
    done = _run(f"needed-libraries {copy}", LD_LIBRARY_PATH=libraries)
    assert done.returncode == 1
    assert f"needed-libraries: bin/tritonserver: {gone.name} => not found" in done.stderr
    from_the_node = {"FROM_THE_NODE": f"libcuda.so.1 {gone.name}"}
    again = _run(f"needed-libraries {copy}", LD_LIBRARY_PATH=libraries, **from_the_node)
    assert again.returncode == 0, again.stderr
    # Found on the machine that builds, it is not taken along either.
    collected_again = _run(f"collect-libraries {copy}", LD_LIBRARY_PATH=str(locate().libraries), **from_the_node)
    assert collected_again.returncode == 0, collected_again.stderr
    assert not gone.exists()


def test_libraries_of_the_base_image_are_not_carried_twice(tmp_path: Path) -> None:
    """What the linker finds by itself, or LD_LIBRARY_PATH names, is dropped; the rest stays."""
    for name in ("libstdc++.so.6", "libelsewhere.so.2", "libonly-here.so.1"):
        (tmp_path / "system" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "system" / name).touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/libelsewhere.so.2").touch()
    done = _run(f"drop-present {tmp_path}/system", LD_LIBRARY_PATH=f"/nowhere:{tmp_path}/elsewhere")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "system").iterdir()] == ["libonly-here.so.1"]


@pytest.fixture
def answering() -> Iterator[int]:
    """A port where /yes is answered with 200, all else with 503."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(HTTPStatus.OK if self.path == "/yes" else HTTPStatus.SERVICE_UNAVAILABLE)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nobody reads it."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_health_is_asked_without_curl(answering: int) -> None:
    """200 is well; another status, and nobody there, are not."""
    assert _run(f"http-ok {answering} /yes").returncode == 0
    assert _run(f"http-ok {answering} /no").returncode != 0
    assert _run("http-ok 1 /yes").returncode != 0


@pytest.mark.triton
def test_smoke_models_are_loaded_by_a_real_triton(tmp_path: Path) -> None:
    """One for each backend; a config that names no backend is refused, and the log says so."""
    wheel, folder = locate(), RunFolder()
    try:
        folder.fill(wheel, SMOKE, ())
        flags = f"--backend-directory={folder.backends} --allow-gpu-metrics=false --pinned-memory-pool-byte-size=0"
        variables = environment(wheel, folder, {**os.environ, "PATH": f"{TRITON}:{os.environ['PATH']}"}, Hardware())
        server = f"{wheel.server} {flags} --backend-config=python,shm-region-prefix-name={folder.shared_memory_prefix}"
        done = _run(f"smoke-test {SMOKE} {server}", **variables)
        assert (done.returncode, done.stderr) == (0, "")
        broken = tmp_path / "openvino_smoke"
        shutil.copytree(SMOKE / "openvino_smoke", broken)
        config = broken / "config.pbtxt"
        config.write_text(re.sub("backend: .*", 'backend: "absent"', config.read_text()))
        refused = _run(f"smoke-test {tmp_path} {server}", **variables)
        assert refused.returncode == 1
        assert "did not load the models" in refused.stderr
        assert "absent" in refused.stderr
    finally:
        folder.remove()


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_smoke_models_are_what_they_seem(backend: str) -> None:
    """One node that turns a sign, written by this: a binary file in the repository holds nothing else."""
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "smoke", value[:1], value[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    assert (SMOKE / f"{backend}_smoke" / "1" / "model.onnx").read_bytes() == model.SerializeToString()
    onnx.checker.check_model(model)
