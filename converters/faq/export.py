"""Export of a fitted pipeline to ONNX, and what runs the result."""

from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.pipeline import Pipeline

from converters.faq import onnx_graph  # noqa: F401  registers the converters of the pipeline's steps
from converters.faq.graph_builder import ML_OPSET, OPSET
from converters.faq.options import DEFAULT_TOP_K


def export(pipeline: Pipeline, top_k: int = DEFAULT_TOP_K) -> onnx.ModelProto:
    """One graph: `question` STRING [n, 1] → `ids` INT64 [n, k], `probabilities` FLOAT [n, k]; k ≤ entries."""
    k = min(top_k, len(pipeline[-1].classes_))
    model: onnx.ModelProto = convert_sklearn(
        pipeline,
        "faq_matcher",
        [("question", StringTensorType([None, 1]))],
        target_opset={"": OPSET, "ai.onnx.ml": ML_OPSET, "com.microsoft": 1},
        options={id(pipeline[-1]): {"top_k": k}},
        final_types=[("ids", Int64TensorType([None, k])), ("probabilities", FloatTensorType([None, k]))],
    )
    onnx.checker.check_model(model)
    return model


class FaqSession:
    """ONNX Runtime over an exported FAQ model, one thread."""

    def __init__(self, model: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def __call__(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Run canonical texts as one batch; all outputs but `ids` and `probabilities` are left out."""
        ids, probabilities = self._run(texts, ["ids", "probabilities"])
        return np.asarray(ids), np.asarray(probabilities)

    def all_probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """FP32 [n, entries]: only of a model that `with_all_probabilities` opened up."""
        return np.asarray(self._run(texts, ["all_probabilities"])[0])

    def _run(self, texts: Sequence[str], outputs: list[str]) -> list[NDArray[np.generic]]:
        batch = np.array(texts, dtype=object).reshape(-1, 1)
        return list(self._session.run(outputs, {"question": batch}))


def with_all_probabilities(model: onnx.ModelProto) -> tuple[bytes, NDArray[np.int64]]:
    """Make what the graph computes before it picks the k best an output too; returns it with the columns' entry ids."""
    opened = onnx.ModelProto()
    opened.CopyFrom(model)
    opened.graph.output.append(onnx.helper.make_tensor_value_info("all_probabilities", onnx.TensorProto.FLOAT, None))
    (ids,) = (onnx.numpy_helper.to_array(item) for item in model.graph.initializer if item.name == "entry_ids")
    return opened.SerializeToString(), ids
