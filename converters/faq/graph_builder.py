"""Writes nodes into skl2onnx's container: what the FAQ graph needs of ONNX, one call for each operator."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from converters.faq.lookup import LookupTable

OPSET = 20  # StringSplit and StringConcat
ML_OPSET = 3
_STEP_BYTES, _LEAST_STEP = 1_000_000, 64
CONTRIB = "com.microsoft"  # Tokenizer, the only operator that splits a word into characters


class Graph:
    """Adds nodes to skl2onnx's container, one call for each, and names what lies between them."""

    def __init__(self, scope: Any, container: Any, table: LookupTable) -> None:
        self._scope = scope
        self._container = container
        self.table = self.constant(table.rows, np.float32)
        self.table_shape = table.rows.shape

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

    def sum_rows(self, like: str, index: str, units: str) -> str:
        """Sum the table's rows of `units` into the rows that `index` names: DOUBLE [length of `like`, width].

        In float32, a word that stands a hundred times in a text would cost the fifth decimal of a probability. A loop
        takes so many units at a time that their rows stay in the processor's cache, however long the texts are.
        """
        width = self.table_shape[1]
        shape = self.node("Concat", self.node("Shape", like), self.constant([width]), axis=0)
        zero = helper.make_tensor("zero", TensorProto.DOUBLE, [1], [0.0])
        sums = self.node("ConstantOfShape", shape, value=zero)
        step = max(_LEAST_STEP, _STEP_BYTES // (4 * width))
        size = self.node("Squeeze", self.node("Shape", units))
        trips = self.node("Div", self.node("Add", size, self.constant(step - 1)), self.constant(step))
        return str(
            self.node(
                "Loop",
                trips,
                self.constant(values=True, dtype=np.bool_),
                sums,
                body=self._summing_step(index, units, step),
            )
        )

    def _summing_step(self, index: str, units: str, step: int) -> onnx.GraphProto:
        """The loop's body: add the rows of one step's units; index, units and table come from the graph around it."""
        size = self.constant([step])
        nodes = [
            helper.make_node("Mul", ["trip", size], ["from"]),
            helper.make_node("Add", ["from", size], ["to"]),
            helper.make_node("Slice", [units, "from", "to"], ["some_units"]),
            helper.make_node("Slice", [index, "from", "to"], ["some_rows"]),
            helper.make_node("Gather", [self.table, "some_units"], ["summands"], axis=0),
            helper.make_node("Cast", ["summands"], ["exact"], to=TensorProto.DOUBLE),
            helper.make_node("Unsqueeze", ["some_rows", self.constant([1])], ["places"]),
            helper.make_node("ScatterND", ["sums_in", "places", "exact"], ["sums_out"], reduction="add"),
            helper.make_node("Identity", ["go_on"], ["go_on_out"]),
        ]
        trip = helper.make_tensor_value_info("trip", TensorProto.INT64, [])
        go_on, go_on_out = (
            helper.make_tensor_value_info(name, TensorProto.BOOL, []) for name in ("go_on", "go_on_out")
        )
        before, after = (
            helper.make_tensor_value_info(name, TensorProto.DOUBLE, [None, self.table_shape[1]])
            for name in ("sums_in", "sums_out")
        )
        return helper.make_graph(nodes, "summing_step", [trip, go_on, before], [go_on_out, after])

    def keep(self, mask: str, *tensors: str) -> list[str]:
        return [self.node("Compress", tensor, mask, axis=0) for tensor in tensors]
