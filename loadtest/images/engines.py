"""The inference engines, called in process: uint8 images [N, 224, 224, 3] in, FP32 probabilities [N, 1000] out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from loadtest.environment import cores
from loadtest.errors import LoadTestError

Images = NDArray[np.uint8]
Answer = Callable[[Images], NDArray[np.float32]]

CPU_PROVIDER = "CPUExecutionProvider"
ONNXRUNTIME = "ONNX Runtime"
OPENVINO = "OpenVINO"
_OUTPUT = "probabilities"
_INPUT = "image"


@dataclass(frozen=True)
class Engine:
    """A way to run a model file; `served_as` is what the gateway calls the same engine.

    `open` is a function of a module, or a partial of one: other processes call it.
    """

    name: str
    served_as: str
    model: Path
    open: Callable[[Path], Answer]

    def answer(self) -> Answer:
        """Load the model. Raises LoadTestError when the engine cannot be had."""
        return self.open(self.model)


def open_onnxruntime(
    model: Path, providers: Sequence[str | tuple[str, dict[str, str]]] = (CPU_PROVIDER,), threads: int = 0
) -> Answer:
    """Open a model in ONNX Runtime on its first provider, with all cores unless told otherwise.

    Raises LoadTestError when the provider is not used: ONNX Runtime itself falls back to the CPU in silence.
    """
    wanted = providers[0] if isinstance(providers[0], str) else providers[0][0]
    if wanted not in onnxruntime.get_available_providers():
        raise LoadTestError(f"ONNX Runtime {onnxruntime.__version__} was built without {wanted}", "install one with it")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or cores()
    session: Any = onnxruntime.InferenceSession(str(model), options, providers=list(providers))
    if session.get_providers()[0] != wanted:
        raise LoadTestError(
            f"ONNX Runtime does not use {wanted}: a library that it needs is missing",
            f"see what it printed above; {onnxruntime.__version__} needs the CUDA and cuDNN that it was built for",
        )

    def answer(images: Images) -> NDArray[np.float32]:
        probabilities: NDArray[np.float32] = session.run([_OUTPUT], {_INPUT: images})[0]
        return probabilities

    return answer


def open_openvino(model: Path, threads: int = 0) -> Answer:
    """Open a model in OpenVINO as the product's configs do: one stream on all cores, its own choice of precision."""
    import openvino  # noqa: PLC0415  an engine among several: the others work without it

    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": "1",
        "INFERENCE_NUM_THREADS": str(threads or cores()),
    }
    request = openvino.Core().compile_model(str(model), "CPU", options).create_infer_request()

    def answer(images: Images) -> NDArray[np.float32]:
        # The output is copied: the next call writes into the same memory.
        found: NDArray[np.float32] = request.infer({_INPUT: images}, share_inputs=True)[_OUTPUT]
        return found

    return answer


def openvino_precision() -> str | None:
    """Return what OpenVINO computes FP32 files in on this processor ("bf16", "FP32"), None where it is missing."""
    try:
        import openvino  # noqa: PLC0415
    except ImportError:
        return None
    chosen: str = openvino.Core().get_property("CPU", "INFERENCE_PRECISION_HINT").get_type_name()
    return {"bf16": "bf16", "f32": "FP32", "f16": "FP16"}.get(chosen, chosen)


def cpu_engines(model: Path, precision: str) -> list[Engine]:
    """Return the engines of this machine's CPU for a file, ONNX Runtime first; `precision` is the file's."""
    engines = [Engine(f"{ONNXRUNTIME} {precision}", "onnxruntime-cpu", model, open_onnxruntime)]
    chosen = openvino_precision()
    if chosen is not None:
        computed = precision if precision == "INT8" else chosen
        engines.append(Engine(f"{OPENVINO} {computed}", "openvino-cpu", model, open_openvino))
    return engines
