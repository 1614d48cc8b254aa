"""What `scoring serve` says when everything works: where it listens, and a line to try it with."""

import json
import re
import shlex
from pathlib import Path

from standalone import repository
from standalone.gateway import GatewayServer
from standalone.triton import TritonServer

FAQ_MODEL = "faq_matcher"
_EXAMPLE = "how do I check whether an array contains a value?"
_FIRST_SENTENCE = re.compile(r"[^<?]{1,120}\?")  # of a text without HTML, short enough for a command line


def for_stack(triton: TritonServer, gateway: GatewayServer) -> str:
    """Return the banner of Triton and gateway."""
    lines = [
        f"Scoring is ready: {gateway.url} (docs: {gateway.url}/docs), gRPC on port {gateway.ports['--grpc-port']}.",
        f"Triton's metrics: {triton.metrics_url}",
    ]
    if FAQ_MODEL in triton.repository.served:
        body = shlex.quote(json.dumps({"question": _question(triton.repository.folder), "top_k": 3}))
        lines += [
            "Try it:",
            f"  curl -s {gateway.url}/v1/faq/match -H 'content-type: application/json' -d {body}",
        ]
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


def _question(folder: Path) -> str:
    """Return a question to try: how the one begins that the published model is checked with, if that is short."""
    model = folder / FAQ_MODEL
    try:
        facts = json.loads((model / str(repository.versions(model)[-1]) / "model.json").read_text())
        sentence = _FIRST_SENTENCE.match(facts["golden"]["question"])
    except (OSError, ValueError, KeyError, TypeError):  # a model that `scoring convert` did not publish
        return _EXAMPLE
    return sentence[0] if sentence else _EXAMPLE
