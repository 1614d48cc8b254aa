"""Writes nodes into skl2onnx's container: what the FAQ graph needs of ONNX, one call for each operator."""

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from converters.faq.lookup import LookupTable

OPSET = 20  # StringSplit and StringConcat
ML_OPSET = 3
CONTRIB = "com.microsoft"  # Tokenizer, the only operator that splits a word into characters


class Graph:
    """Adds nodes to skl2onnx's container, one call for each, and names what lies between them."""

    def __init__(self, scope: Any, container: Any, table: LookupTable) -> None:
        self._scope = scope
        self._container = container
        self.table = self.constant(table.rows, np.float32)

    def node(
        self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", name: str = "", **attributes: Any
    ) -> Any:
        """Add an operator; returns the name of its output, or a list of names when it has several."""
        names = [self._scope.get_unique_variable_name(name or kind.lower()) for _ in range(outputs)]
        version = {"": OPSET, "ai.onnx.ml": ML_OPSET, CONTRIB: 1}[domain]
        unique = self._scope.get_unique_operator_name(kind)
        self._container.add_node(
            kind, list(inputs), names, op_version=version, op_domain=domain, name=unique, **attributes
        )
        return names if outputs > 1 else names[0]

    def constant(self, values: Any, dtype: Any = np.int64, name: str = "constant") -> str:
        """Add an initializer; texts become STRING."""
        name = self._scope.get_unique_variable_name(name)
        array = np.asarray(values, dtype=dtype)
        if dtype is object:
            flat = [text.encode() for text in array.ravel()]
            self._container.add_initializer(name, TensorProto.STRING, list(array.shape), flat)
        else:
            self._container.initializers.append(numpy_helper.from_array(array, name))
        return name

    def rename(self, source: str, target: str) -> None:
        self._container.add_node("Identity", [source], [target], op_version=OPSET, name=target + "_out")

    def lookup(self, keys: str, known: Any, values: Any, default: int) -> str:
        """Map each key, text or int64, to its value, int64; unknown ones to `default`."""
        attributes: dict[str, Any] = {
            "keys_strings" if isinstance(known, list) else "keys_int64s": list(known),
            "values_int64s": [int(value) for value in values],
            "default_int64": default,
        }
        return str(self.node("LabelEncoder", keys, domain="ai.onnx.ml", **attributes))

    def gather_rows(self, units: str) -> str:
        """The table's rows of the given units."""
        return str(self.node("Gather", self.table, units, axis=0))

    def zeros(self, like: str, width: int) -> str:
        """Zeros [length of `like`, width]."""
        shape = self.node("Concat", self.node("Shape", like), self.constant([width]), axis=0)
        return str(self.node("ConstantOfShape", shape, value=helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0])))

    def add_rows(self, sums: str, index: str, rows: str) -> str:
        """Add each of `rows` to the row of `sums` that `index` names."""
        return str(
            self.node("ScatterND", sums, self.node("Unsqueeze", index, self.constant([1])), rows, reduction="add")
        )

    def keep(self, mask: str, *tensors: str) -> list[str]:
        return [self.node("Compress", tensor, mask, axis=0) for tensor in tensors]
