"""What a stub does with requests, whichever engine runs the model."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import triton_python_backend_utils as triton
from stub_contract import Promise, check_contract
from stub_errors import RefusedError
from stub_orphan import end_with_parent
from stub_tensors import Tensors, as_text, merge, split


class Engine(Protocol):
    """An opened model file: what it promises, and how it is run. Called from one thread."""

    inputs: Sequence[Promise]
    outputs: Sequence[Promise]
    # A dimension that the file leaves open may be fixed by the config for inputs; for outputs if this says so.
    opens_outputs: bool
    errors: tuple[type[Exception], ...]

    def run(self, inputs: Tensors, names: list[str]) -> Tensors:
        """Return the named outputs, which the engine does not touch again; raises one of `errors`."""


class Opener(Protocol):
    """Opens the model file of a version folder as a config asks; raises RefusedError."""

    def __call__(self, folder: Path, config: dict[str, Any], args: dict[str, str]) -> Engine: ...


class StubModel:
    """One instance of one model version; Triton calls its methods from one thread."""

    engine: ClassVar[Opener]

    def initialize(self, args: dict[str, str]) -> None:
        """Open the model file; `args` says where it lies and holds the model config as JSON.

        Raises TritonModelException, with which Triton refuses the model, when file and config do not agree.
        """
        end_with_parent()
        config = json.loads(args["model_config"])
        try:
            self._engine = type(self).engine(Path(args["model_repository"]) / args["model_version"], config, args)
            check_contract(config, self._engine.inputs, self._engine.outputs, exact=not self._engine.opens_outputs)
        except RefusedError as error:
            raise triton.TritonModelException(str(error)) from None
        self._merges = config["max_batch_size"] > 0
        self._texts = {tensor["name"] for tensor in config["input"] if tensor["data_type"] == "TYPE_STRING"}

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        """Answer the requests of one batch, in their order; a request that fails gets an error of its own."""
        answers: dict[int, Any] = {}
        readable: dict[int, Tensors] = {}
        for index, request in enumerate(requests):
            try:
                readable[index] = self._read(request)
            except ValueError as error:
                answers[index] = _refusal(error, triton.TritonError.INVALID_ARG)
        groups = [list(readable)] if self._merges and readable else [[index] for index in readable]
        for group in groups:
            names = sorted({name for index in group for name in requests[index].requested_output_names()})
            answers.update(zip(group, self._answer([readable[index] for index in group], names), strict=True))
        return [answers[index] for index in range(len(requests))]

    def _read(self, request: Any) -> Tensors:
        tensors = {tensor.name(): tensor.as_numpy() for tensor in request.inputs()}
        return {name: as_text(name, array) if name in self._texts else array for name, array in tensors.items()}

    def _answer(self, inputs: Sequence[Tensors], names: list[str]) -> list[Any]:
        try:
            return [_response(outputs) for outputs in self._infer(inputs, names)]
        except self._engine.errors as error:
            if len(inputs) == 1:
                return [_refusal(error, triton.TritonError.INTERNAL)]
            # One row can make the whole run fail: alone, the others still get their answer.
            return [response for single in inputs for response in self._answer([single], names)]

    def _infer(self, inputs: Sequence[Tensors], names: list[str]) -> list[Tensors]:
        outputs = self._engine.run(merge(inputs), names)
        if not self._merges:
            return [outputs]
        parts: list[Tensors] = split(outputs, [len(next(iter(tensors.values()))) for tensors in inputs])
        return parts


def _response(outputs: Tensors) -> Any:
    # A slice is a view into the whole batch; the stub copies what it holds.
    return triton.InferenceResponse([triton.Tensor(name, array) for name, array in outputs.items()])


def _refusal(error: Exception, code: Any) -> Any:
    return triton.InferenceResponse(error=triton.TritonError(str(error), code))
