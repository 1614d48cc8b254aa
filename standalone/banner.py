"""What `scoring serve` says when everything works: where it listens, lines to try it with, and what to beware of."""

import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from standalone import models, repository
from standalone.gateway import GatewayServer
from standalone.repository import Repository
from standalone.triton import TritonServer

_EXAMPLE = "how do I check whether an array contains a value?"
_FIRST_SENTENCE = re.compile(r"[^<?]{1,120}\?")  # of a text without HTML, short enough for a command line


def for_stack(triton: TritonServer, gateway: GatewayServer) -> str:
    """Return the banner of Triton and gateway."""
    lines = [
        f"Scoring is ready: {gateway.url} (docs: {gateway.url}/docs), gRPC on port {gateway.ports['--grpc-port']}.",
        f"Triton's metrics: {triton.metrics_url}",
    ]
    if found := list(tries(triton.repository, gateway.url, gateway.certificate)):
        lines += ["Try it:", *found]
    return "\n".join(["", *lines, ""])


def for_triton(triton: TritonServer) -> str:
    """Return the banner of Triton alone."""
    return "\n".join(
        [
            "",
            f"Triton is ready: gRPC {triton.grpc_address}, HTTP {triton.http_url}, metrics {triton.metrics_url}.",
            "Try it:",
            f"  curl -s {triton.http_url}/v2/models/{triton.repository.served[0]}",
            "",
        ]
    )


def tries(found: Repository, url: str, certificate: str | None = None) -> Iterator[str]:
    """Yield a command line for each model that the gateway at `url` answers for; with TLS it has a certificate."""
    curl = f"curl -s --cacert {shlex.quote(certificate)}" if certificate else "curl -s"
    yield from _faq_line(found, url, curl)
    yield from _image_line(found, url, curl)


def warnings(found: Repository) -> Iterator[str]:
    """Yield what whoever serves these models must know about them."""
    for model in found.served:
        if repository.card(found.folder / model).get("weights") == "untrained":
            yield (
                f"{model} HAS RANDOM WEIGHTS: its answers mean nothing, and serve for load tests only.\n"
                f"Publish a trained one: {models.publish_command(model)} --weights imagenet (or your own checkpoint)"
            )


def _faq_line(found: Repository, url: str, curl: str) -> Iterator[str]:
    if models.FAQ in found.served:
        body = shlex.quote(json.dumps({"question": _question(found.folder / models.FAQ), "top_k": 3}))
        yield f"  {curl} {url}/v1/faq/match -H 'content-type: application/json' -d {body}"


def _image_line(found: Repository, url: str, curl: str) -> Iterator[str]:
    version = repository.newest(found.folder / models.IMAGES) if models.IMAGES in found.served else None
    picture = version / "golden.png" if version else None
    if picture and picture.is_file():
        data = shlex.quote(f"@{_from_here(picture)}")
        yield f"  {curl} --data-binary {data} -H 'content-type: image/png' '{url}/v1/images/classify?top_k=3'"


def _from_here(path: Path) -> Path:
    """Return a path as short as it can be said in the current folder."""
    here = Path(os.path.relpath(path))
    return path if ".." in here.parts else here


def _question(model: Path) -> str:
    """Return a question to try: how the one begins that the published model is checked with, if that is short."""
    golden = repository.card(model).get("golden")
    question = golden.get("question") if isinstance(golden, dict) else None
    sentence = _FIRST_SENTENCE.match(question) if isinstance(question, str) else None
    return sentence[0] if sentence else _EXAMPLE
