"""Triton backend `onnxruntime` in Python: serves the model repository that the C++ backend of that name serves.

Triton starts one process (the stub) per model instance, which imports this file as the module `model`. Rules and
parameters are those of github.com/triton-inference-server/onnxruntime_backend, src/onnxruntime.cc.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# First on the path: the modules beside this one, and the packages of the environment that started Triton. The stub's
# own Python may hold another numpy, and of numpy 2 the stub reads every array with stride 0.
sys.path[:0] = [str(Path(__file__).parent), *os.environ["SCORING_BACKEND_PATH"].split(os.pathsep)]

import numpy as np  # noqa: E402  from the path above

if int(np.__version__.split(".")[0]) >= 2:
    raise ImportError(f"numpy {np.__version__} of {np.__file__} is too new: Triton's Python stub needs numpy below 2")

import triton_python_backend_utils as triton  # noqa: E402
from onnx_batch import Tensors, as_text, merge, split  # noqa: E402
from onnx_contract import RefusedError, check_contract  # noqa: E402
from onnx_orphan import end_with_parent  # noqa: E402
from onnx_session import ORT_ERRORS, open_session, run_options  # noqa: E402


class TritonPythonModel:
    """One instance of one model version; Triton calls its methods from one thread."""

    def initialize(self, args: dict[str, str]) -> None:
        """Open the ONNX file; `args` says where it lies and holds the model config as JSON.

        Raises TritonModelException, with which Triton refuses the model, when file and config do not agree.
        """
        end_with_parent()
        config = json.loads(args["model_config"])
        try:
            self._session = open_session(Path(args["model_repository"]) / args["model_version"], config)
            check_contract(config, self._session.get_inputs(), self._session.get_outputs())
            self._run_options = run_options(config)
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
        except ORT_ERRORS as error:
            if len(inputs) == 1:
                return [_refusal(error, triton.TritonError.INTERNAL)]
            # One row can make the whole run fail: alone, the others still get their answer.
            return [response for single in inputs for response in self._answer([single], names)]

    def _infer(self, inputs: Sequence[Tensors], names: list[str]) -> list[Tensors]:
        arrays = self._session.run(names, merge(inputs), self._run_options)
        outputs = dict(zip(names, arrays, strict=True))
        if not self._merges:
            return [outputs]
        parts: list[Tensors] = split(outputs, [len(next(iter(tensors.values()))) for tensors in inputs])
        return parts


def _response(outputs: Tensors) -> Any:
    # A slice is a view into the whole batch; the stub copies what it holds.
    return triton.InferenceResponse([triton.Tensor(name, array) for name, array in outputs.items()])


def _refusal(error: Exception, code: Any) -> Any:
    return triton.InferenceResponse(error=triton.TritonError(str(error), code))
