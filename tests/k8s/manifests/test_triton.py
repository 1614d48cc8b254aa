"""The real Triton, started with the flags of the manifests, answers the gateway's calls and refuses the rest."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from tritonclient.grpc import service_pb2, service_pb2_grpc

from standalone.triton import TritonServer
from tests.k8s.manifests.rendering import container, find, needs_kubectl, rendered

pytestmark = [needs_kubectl, pytest.mark.triton]

MODELS = Path("model_repository")
MODEL = "faq_matcher"
KEY = "0b6f6d9e-the-pods-uid"
# Its own on one machine: where models lie and which config they take.
ELSEWHERE = ("--model-repository", "--model-config-name")


@pytest.fixture(scope="module")
def triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """Triton for questions, as the overlay aks-gpu starts it."""
    if not (MODELS / MODEL / "1/model.onnx").is_file():
        pytest.skip("no FAQ model is published: scoring convert faq")
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(MODELS / MODEL, folder / MODEL)
    flags = container(find(rendered("aks-gpu"), "Deployment", "triton-cpu"), "triton")["args"]
    options = [each.replace("$(POD_UID)", KEY) for each in flags if not each.startswith(ELSEWHERE)]
    with TritonServer(folder, options=options) as started:
        yield started


@pytest.fixture(scope="module")
def stub(triton: TritonServer) -> Iterator[Any]:
    """A client of its gRPC port."""
    with grpc.insecure_channel(triton.grpc_address) as channel:
        yield service_pb2_grpc.GRPCInferenceServiceStub(channel)


def test_the_gateway_may_ask_what_it_needs(stub: Any) -> None:
    """Health and the configs of models; that it infers, its start has shown."""
    assert stub.ServerLive(service_pb2.ServerLiveRequest(), timeout=5).live
    assert stub.ModelConfig(service_pb2.ModelConfigRequest(name=MODEL), timeout=5).config.name == MODEL


REFUSED = {
    "RepositoryIndex": service_pb2.RepositoryIndexRequest(),
    "RepositoryModelLoad": service_pb2.RepositoryModelLoadRequest(model_name=MODEL),
    "RepositoryModelUnload": service_pb2.RepositoryModelUnloadRequest(model_name=MODEL),
    "SystemSharedMemoryRegister": service_pb2.SystemSharedMemoryRegisterRequest(name="x", key="/x", byte_size=1),
    "CudaSharedMemoryStatus": service_pb2.CudaSharedMemoryStatusRequest(),
    "TraceSetting": service_pb2.TraceSettingRequest(),
    "LogSettings": service_pb2.LogSettingsRequest(),
    "ModelStatistics": service_pb2.ModelStatisticsRequest(),
    "ServerMetadata": service_pb2.ServerMetadataRequest(),
}


@pytest.mark.parametrize("method", REFUSED)
def test_nobody_else_gives_orders(method: str, stub: Any) -> None:
    """Loading models, registering shared memory and changing settings need the key."""
    with pytest.raises(grpc.RpcError, match="restricted"):
        getattr(stub, method)(REFUSED[method], timeout=5)


def test_the_key_opens(stub: Any) -> None:
    """Who may read pods may look: the key is the pod's UID."""
    metadata = (("triton-grpc-protocol-key", KEY),)
    index = stub.RepositoryIndex(service_pb2.RepositoryIndexRequest(), timeout=5, metadata=metadata)
    assert [each.name for each in index.models] == [MODEL]


def test_http_is_for_probes(triton: TritonServer) -> None:
    """The paths of the probes answer; inference and metadata do not."""
    probed = container(find(rendered("aks-gpu"), "Deployment", "triton-cpu"), "triton")
    for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert httpx.get(triton.http_url + probed[kind]["httpGet"]["path"]).status_code == 200
    assert httpx.post(f"{triton.http_url}/v2/models/{MODEL}/infer", json={}).status_code == 403
    assert httpx.get(f"{triton.http_url}/v2/models/{MODEL}").status_code == 403
