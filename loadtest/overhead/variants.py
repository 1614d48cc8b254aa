"""Gateways that differ in one thing, in front of the same Triton."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from loadtest.faq.plan import MODEL
from loadtest.parts import Part, gateway, program, triton

# Beyond all that a machine can do: the quota is accounted for, and never reached.
_RATE, _CONCURRENT = "1000000", "1000000"


@dataclass(frozen=True)
class Variant:
    """A gateway's name, its environment, the headers of its requests, and another checkout that its code is from."""

    name: str
    environ: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    checkout: Path | None = None

    def part(self, repository: Path, engine: Part) -> Part:
        """Return its process."""
        part = gateway(repository, self.name, [engine], [MODEL], self._start())
        part.environ = self.environ if self.checkout is None else {**self.environ, "PYTHONPATH": str(self.checkout)}
        return part

    def _start(self) -> Sequence[str]:
        # -P: not the code of the current folder.
        return [] if self.checkout is None else [sys.executable, "-P", "-m", "gateway"]


@contextmanager
def served(repository: Path, checkout: Path | None) -> Iterator[list[tuple[Variant, Part]]]:
    """Run all variants while the context lasts, the one that others are compared with first. Raises LoadTestError."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="scoring-overhead-")))
        engine = triton(repository, "Triton")
        running = [(variant, variant.part(repository, engine)) for variant in _variants(folder, checkout)]
        for part in (engine, *(part for _, part in running)):
            stack.callback(part.stop)
            part.start()
        yield running


def _variants(folder: Path, checkout: Path | None) -> list[Variant]:
    keys = folder / "keys.json"
    presented = {"authorization": f"Bearer {_new_key(keys)}"}
    bare, silent = {"SCORING_TRACE_RATIO": "0"}, {"SCORING_LOG_REQUESTS": "none"}
    known = {"SCORING_KEYS_FILE": str(keys)}
    before = [] if checkout is None else [Variant("the other checkout", bare, checkout=checkout)]
    return [
        *before,
        Variant("no keys, no request log", {**bare, **silent}),
        Variant("keys and quotas", {**bare, **silent, **known}, presented),
        Variant("request log", bare),
        Variant("keys, quotas, request log", {**bare, **known}, presented),
    ]


def _new_key(file: Path) -> str:
    command = [program(), "keys", "new", "--client", "bench", "--scope", "faq", "--keys-file", str(file)]
    limits = ["--rate", _RATE, "--burst", _RATE, "--concurrent", _CONCURRENT]
    return subprocess.run([*command, *limits], capture_output=True, text=True, check=True).stdout.strip()
