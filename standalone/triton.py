"""Triton as one process on this machine: starts it, waits for a real inference, watches it, removes all of it."""

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from standalone import model_config, processes, repository, triton_log, wheel
from standalone.child import Child
from standalone.errors import StartError
from standalone.inference import Call, Triton
from standalone.ports import LOOPBACK, check_distinct, check_free, fill_in, is_listening
from standalone.run_folder import RunFolder, remove_leftovers
from standalone.triton_command import Hardware, Ports, command, environment
from standalone.watch import InferenceWatch

START_TIMEOUT = 120.0  # seconds; a large model is read and warmed up in it
GPU_START_TIMEOUT = 900.0  # TensorRT builds its engines
FIRST_INFERENCE = 30.0
_POLL = 0.02
_PATIENCE = 0.5  # seconds for what a server that listens answers at once
_CONFIG_HINT = (
    "correct the model's config.pbtxt, choose another of its configs (--model-config-name), "
    "or publish the model again: scoring convert --help"
)


@dataclass(slots=True)
class _Run:
    """What exists while the process runs."""

    folder: RunFolder
    child: Child
    client: Triton
    launched_at: float = field(default_factory=time.monotonic)
    first_calls: list[Call] = field(default_factory=list)
    stubs: list[int] = field(default_factory=list)
    watch: InferenceWatch | None = None


class TritonServer:
    """The real Triton for one model repository.

    Inside the block it is ready: every model that has a version has answered an inference.

        with TritonServer(Path("model_repository")) as triton:
            channel = grpc.insecure_channel(triton.grpc_address)

    At the end of the block it is killed. Enter it in a thread that outlives it (see `Child`). `on_entry` gets, from
    another thread, the lines of Triton's log that are worth reading; `engine_cores` is how many threads an engine gets
    whose config leaves that open; `options` are further flags of `tritonserver`. With `model_control` clients may load
    other configs, whose stubs take the place of the first ones.

    Raises SetupError when something it needs is missing or a port is in use, StartError when a model does not load.
    """

    name = "triton"

    def __init__(  # noqa: PLR0913  what `scoring serve` lets its user choose
        self,
        model_repository: Path,
        ports: Ports | None = None,
        *,
        model_config_name: str = "",
        engine_cores: int | None = None,
        model_control: bool = False,
        options: Sequence[str] = (),
        on_entry: Callable[[triton_log.Entry], None] | None = None,
    ) -> None:
        self._wheel = wheel.locate()
        self.repository = repository.read(model_repository)
        self.ports = Ports(*fill_in((ports or Ports()).by_flag()).values())
        check_distinct(self.ports.by_flag())
        check_free(self.ports.by_flag())
        self._model_config_name = model_config_name
        self.hardware = Hardware(gpu=self._needs_gpu(), cores=engine_cores)
        self._model_control = model_control
        self._options = options
        self._on_entry = on_entry
        self._errors: deque[str] = deque(maxlen=100)
        self._run: _Run | None = None

    @property
    def grpc_address(self) -> str:
        return f"{LOOPBACK}:{self.ports.grpc}"

    @property
    def http_url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports.http}"

    @property
    def metrics_url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports.metrics}/metrics"

    @property
    def pid(self) -> int:
        return self._started().child.pid

    @property
    def stub_pids(self) -> list[int]:
        """Processes that run the models, one per instance."""
        return processes.children(self.pid)

    def __enter__(self) -> Self:
        self.launch()
        try:
            while not self.is_ready():
                time.sleep(_POLL)
        except BaseException:
            self.stop(grace=0)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(grace=0)

    def launch(self) -> None:
        """Start the process, in a new private folder, and return at once."""
        remove_leftovers()
        self._errors.clear()
        folder = RunFolder()
        try:
            folder.fill(self._wheel, self.repository.folder, self.repository.served)
            child = Child(
                [*self._command(folder), *self._options],
                self._read,
                environ=environment(self._wheel, folder, os.environ, self.hardware),
                # An empty place: the stub imports from its working directory first.
                folder=folder.path,
            )
        except BaseException:
            folder.remove()
            raise
        self._run = _Run(folder, child, Triton(self.grpc_address))

    def is_ready(self) -> bool:
        """Tell whether every model has answered an inference since `launch`; returns soon.

        Raises StartError when the process ended, a loaded model cannot answer, or it took too long.
        """
        run = self._started()
        if run.child.exit_code() is not None:
            raise self._start_error(f"Triton ended with exit code {run.child.exit_code()}")
        limit = GPU_START_TIMEOUT if self.hardware.gpu else START_TIMEOUT
        if time.monotonic() - run.launched_at > limit:
            raise self._start_error(f"Triton was not ready after {limit:g} s")
        if not run.first_calls:
            loaded = run.client.is_ready(self.repository.served, _PATIENCE)
            if not loaded or not is_listening(self.ports.metrics):  # the metrics come last
                return False
            run.first_calls = [run.client.infer(model, FIRST_INFERENCE) for model in self.repository.served]
        if not all(call.done() for call in run.first_calls):
            return False
        self._check_answers(run)
        # Where clients load configs, stubs come and go: there a dead one is found by the inference that it fails.
        run.stubs = [] if self._model_control else self.stub_pids
        run.watch = InferenceWatch(run.client, self.repository.served, time.monotonic)
        return True

    def fault(self) -> str | None:
        """Take one look at the running server; return why it has to be restarted, None when all is well."""
        run = self._started()
        if run.child.exit_code() is not None:
            return f"the server ended with exit code {run.child.exit_code()}"
        dead = [pid for pid in run.stubs if not processes.is_alive(pid)]
        if dead:
            return f"the process {dead[0]} that ran a model died"
        return run.watch.fault() if run.watch else None

    def stop(self, grace: float) -> None:
        """End the process and its stubs and delete what they leave; harmless when it is stopped."""
        if self._run:
            self._run.child.stop(grace)
            self._run.client.close()
            self._run.folder.remove()
            self._run = None

    def _command(self, folder: RunFolder) -> list[str]:
        name, hardware = self._model_config_name, self.hardware
        return command(self._wheel, folder, self.ports, name, hardware, model_control=self._model_control)

    def _needs_gpu(self) -> bool:
        folders = [self.repository.folder / model for model in self.repository.served]
        return any(model_config.needs_gpu(model_config.read(folder, self._model_config_name)) for folder in folders)

    def _check_answers(self, run: "_Run") -> None:
        for fault in filter(None, (call.fault() for call in run.first_calls)):
            # After a restart others may have been served first: a model that is kept busy does answer.
            if not (fault.late and run.client.executions(fault.model, _PATIENCE)):
                raise StartError(f"{fault.model} is loaded but does not answer: {fault.reason}", _CONFIG_HINT)

    def _started(self) -> "_Run":
        if self._run is None:
            raise RuntimeError("Triton is not started")
        return self._run

    def _read(self, line: str) -> None:
        entry = triton_log.read(line)
        if entry:
            if entry.level == "error":
                self._errors.append(entry.text)
            if self._on_entry:
                self._on_entry(entry)

    def _start_error(self, message: str) -> StartError:
        self.stop(grace=0)  # all it said is read then
        refused = [text for text in self._errors if text.startswith(triton_log.CANNOT_LOAD)]
        reasons = refused or list(self._errors)[-1:]
        return StartError("; ".join(reasons or [message]), _CONFIG_HINT if refused else "see the log above")
