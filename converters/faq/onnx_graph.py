"""The FAQ pipeline as one ONNX graph, registered with skl2onnx as the converter of its steps.

`question` STRING [n, 1], canonical text → `ids` INT64 [n, k] and `probabilities` FLOAT [n, k], best first. The graph
looks units up (see `lookup`) and sums their rows; it never builds a vector as wide as the vocabulary, so its cost grows
with words times entries. It is kept flat, one item for each word of the whole batch: a long question does not widen
the others.
"""

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType
from skl2onnx.common.utils import check_input_and_output_numbers

from converters.faq.features import CanonicalText
from converters.faq.lookup import LookupTable
from converters.faq.matcher import FaqMatcher

OPSET = 20  # StringSplit and StringConcat
ML_OPSET = 3
CONTRIB = "com.microsoft"  # Tokenizer, the only operator that splits a word into characters
DEFAULT_TOP_K = 20


class Graph:
    """Adds nodes to skl2onnx's container, one call for each, and names what lies between them."""

    def __init__(self, scope: Any, container: Any) -> None:
        self._scope = scope
        self._container = container

    def node(self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: Any) -> Any:
        """Add an operator; returns the name of its output, or a list of names when it has several."""
        names = [self._scope.get_unique_variable_name(kind.lower()) for _ in range(outputs)]
        version = {"": OPSET, "ai.onnx.ml": ML_OPSET, CONTRIB: 1}[domain]
        name = self._scope.get_unique_operator_name(kind)
        self._container.add_node(kind, list(inputs), names, op_version=version, op_domain=domain, name=name, **attributes)
        return names if outputs > 1 else names[0]

    def constant(self, values: Any, dtype: Any = np.int64) -> str:
        """Add an initializer; texts become STRING."""
        name: str = self._scope.get_unique_variable_name("constant")
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
        strings = isinstance(known, list)
        attributes = {"keys_strings" if strings else "keys_int64s": list(known), "values_int64s": [int(v) for v in values]}
        return str(self.node("LabelEncoder", keys, domain="ai.onnx.ml", default_int64=default, **attributes))

    def keep(self, mask: str, *tensors: str) -> list[str]:
        return [self.node("Compress", tensor, mask, axis=0) for tensor in tensors]


def _units_of_words(graph: Graph, question: str, table: LookupTable) -> tuple[str, list[tuple[str, str]], str]:
    """Split the questions; returns their number, (row, unit) of known words and pairs, and (row, word) of unknown ones."""
    flat = graph.node("Reshape", question, graph.constant([-1]))
    split, _ = graph.node("StringSplit", flat, outputs=2, delimiter=" ")
    present = graph.node("Not", graph.node("Equal", split, graph.constant("", object)))
    position = graph.node("NonZero", present)
    rows = graph.node("Gather", position, graph.constant(0), axis=0)
    words = graph.node("GatherND", split, graph.node("Transpose", position, perm=[1, 0]))
    unknown = len(table.words)
    ids = graph.lookup(words, table.words, range(unknown), unknown)
    is_unknown = graph.node("Equal", ids, graph.constant(unknown))
    known = graph.keep(graph.node("Not", is_unknown), rows, ids)
    strangers = graph.keep(is_unknown, rows, words)
    return flat, [tuple(known), _units_of_pairs(graph, rows, ids, table)], strangers  # type: ignore[list-item, return-value]


def _units_of_pairs(graph: Graph, rows: str, ids: str, table: LookupTable) -> tuple[str, str]:
    zero, one, last, end = (graph.constant([i]) for i in (0, 1, -1, np.iinfo(np.int64).max))

    def heads(tensor: str) -> Any:
        return graph.node("Slice", tensor, zero, last)

    def tails(tensor: str) -> Any:
        return graph.node("Slice", tensor, one, end)

    scaled = graph.node("Mul", heads(ids), graph.constant(len(table.words) + 1))
    code = graph.node("Add", scaled, tails(ids))
    same_row = graph.node("Equal", heads(rows), tails(rows))
    units = graph.lookup(graph.node("Where", same_row, code, graph.constant(-1)), table.pair_codes, table.pair_units, -1)
    row, unit = graph.keep(graph.node("GreaterOrEqual", units, graph.constant(0)), heads(rows), units)
    return row, unit


def _units_of_characters(graph: Graph, rows: str, words: str, table: LookupTable, longest: int) -> tuple[str, str]:
    """(row, unit) of every character n-gram of the unknown words, each word padded by a space at both ends."""
    # Tokenizer's output loses its second axis when there is no word at all: an empty word, which has no n-grams, is added.
    words = graph.node("Concat", words, graph.constant([""], object), axis=0)
    rows = graph.node("Concat", rows, graph.constant([0]), axis=0)
    space = graph.constant(" ", object)
    padded = graph.node("StringConcat", graph.node("StringConcat", space, words), space)
    tokens = graph.node(
        "Tokenizer", padded, domain=CONTRIB, mark=0, mincharnum=1, pad_value="", separators=[""]
    )
    unknown = len(table.characters) + 1
    digits = graph.lookup(tokens, table.characters, range(1, unknown), unknown)
    base, axis, end = graph.constant(unknown + 1), graph.constant([1]), graph.constant([np.iinfo(np.int64).max])
    codes, windows = digits, []
    for size in range(2, longest + 1):
        prefix = graph.node("Slice", codes, graph.constant([0]), graph.constant([-1]), axis)
        suffix = graph.node("Slice", digits, graph.constant([size - 1]), end, axis)
        codes = graph.node("Add", graph.node("Mul", prefix, base), suffix)
        windows.append(codes)
    units = graph.lookup(graph.node("Concat", *windows, axis=1), table.ngram_codes, table.ngram_units, -1)
    position = graph.node("NonZero", graph.node("GreaterOrEqual", units, graph.constant(0)))
    found = graph.node("GatherND", units, graph.node("Transpose", position, perm=[1, 0]))
    word = graph.node("Gather", position, graph.constant(0), axis=0)
    return graph.node("Gather", rows, word, axis=0), found


def _scores(graph: Graph, flat: str, found: list[tuple[str, str]], table: LookupTable) -> str:
    """Sum the units' rows of each question and divide by its norm: FLOAT [n, entries]."""
    rows = graph.node("Concat", *(row for row, _ in found), axis=0)
    units = graph.node("Concat", *(unit for _, unit in found), axis=0)
    summands = graph.node("Gather", graph.constant(table.rows, np.float32), units, axis=0)
    entries = table.rows.shape[1] - 1
    shape = graph.node("Concat", graph.node("Shape", flat), graph.constant([entries + 1]), axis=0)
    zeros = graph.node("ConstantOfShape", shape, value=helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0]))
    index = graph.node("Unsqueeze", rows, graph.constant([1]))
    sums = graph.node("ScatterND", zeros, index, summands, reduction="add")
    scores, square = graph.node("Split", sums, graph.constant([entries, 1]), outputs=2, axis=1)
    norm = graph.node("Sqrt", graph.node("Max", square, graph.constant(1e-12, np.float32)))
    return str(graph.node("Div", scores, norm))


def _ranked(graph: Graph, scores: str, matcher: FaqMatcher, k: int) -> tuple[str, str]:
    """Softmax over the scores and the constant "no entry"; ids and probabilities of the k best entries."""
    entries = len(matcher.classes_)
    none = graph.node("Slice", scores, graph.constant([0]), graph.constant([1]), graph.constant([1]))
    none = graph.node("Mul", none, graph.constant(0, np.float32))
    none = graph.node("Add", none, graph.constant(matcher.calibration_.none, np.float32))
    everything = graph.node("Softmax", graph.node("Concat", scores, none, axis=1), axis=1)
    matches = graph.node("Slice", everything, graph.constant([0]), graph.constant([entries]), graph.constant([1]))
    probabilities, index = graph.node("TopK", matches, graph.constant([k]), outputs=2, axis=1, largest=1, sorted=1)
    return graph.node("Gather", graph.constant(matcher.classes_), index, axis=0), probabilities


def _convert_matcher(scope: Any, operator: Any, container: Any) -> None:
    matcher: FaqMatcher = operator.raw_operator
    graph = Graph(scope, container)
    table = LookupTable.of(matcher)
    flat, found, (rows, words) = _units_of_words(graph, operator.inputs[0].full_name, table)
    longest = matcher.vectorizer_.char_range[1]
    found.append(_units_of_characters(graph, rows, words, table, longest))
    k = min(container.get_options(matcher, {"top_k": DEFAULT_TOP_K})["top_k"], len(matcher.classes_))
    ids, probabilities = _ranked(graph, _scores(graph, flat, found, table), matcher, k)
    graph.rename(ids, operator.outputs[0].full_name)
    graph.rename(probabilities, operator.outputs[1].full_name)


def _parse_matcher(scope: Any, model: FaqMatcher, inputs: list[Any], custom_parsers: Any = None) -> list[Any]:
    operator = scope.declare_local_operator("RealtimeScoringFaqMatcher", model)
    operator.inputs = inputs
    operator.outputs.append(scope.declare_local_variable("ids", Int64TensorType()))
    operator.outputs.append(scope.declare_local_variable("probabilities", FloatTensorType()))
    return list(operator.outputs)


def _matcher_shapes(operator: Any) -> None:
    check_input_and_output_numbers(operator, input_count_range=1, output_count_range=2)
    operator.outputs[0].type.shape = operator.outputs[1].type.shape = [None, None]


def _convert_canonical(scope: Any, operator: Any, container: Any) -> None:
    # The contract is canonical text in: the gateway has done this step, in Python, before it calls the model.
    container.add_node(
        "Identity", [operator.inputs[0].full_name], [operator.outputs[0].full_name], op_version=OPSET, name="canonical"
    )


def _canonical_shapes(operator: Any) -> None:
    operator.outputs[0].type = operator.inputs[0].type


update_registered_converter(
    FaqMatcher,
    "RealtimeScoringFaqMatcher",
    _matcher_shapes,
    _convert_matcher,
    parser=_parse_matcher,
    options={"top_k": list(range(1, 1001))},
)
update_registered_converter(CanonicalText, "RealtimeScoringCanonicalText", _canonical_shapes, _convert_canonical)
