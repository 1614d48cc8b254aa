"""The FAQ pipeline as one ONNX graph, registered with skl2onnx as the converter of its steps.

`question` STRING [n, 1], canonical text → `ids` INT64 [n, k] and `probabilities` FLOAT [n, k], best first. The graph
looks units up (see `lookup`) and sums their rows; it never builds a vector as wide as the vocabulary, so its cost grows
with words times entries. It is kept flat, one item for each word of the whole batch: a long question does not widen
the others.
"""

from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType
from skl2onnx.common.utils import check_input_and_output_numbers

from converters.faq.features import CanonicalText
from converters.faq.graph_builder import CONTRIB, OPSET, Graph
from converters.faq.lookup import LookupTable
from converters.faq.matcher import FaqMatcher
from converters.faq.options import DEFAULT_TOP_K


def _words(graph: Graph, flat: str) -> tuple[str, str]:
    """Split the questions [n]: the row and the text of each word of the batch, both [words]."""
    split, _ = graph.node("StringSplit", flat, outputs=2, delimiter=" ")
    position = graph.node("NonZero", graph.node("Not", graph.node("Equal", split, graph.constant("", object))))
    rows = graph.node("Gather", position, graph.constant(0), axis=0)
    return rows, graph.node("GatherND", split, graph.node("Transpose", position, perm=[1, 0]))


def _pairs(graph: Graph, rows: str, ids: str, table: LookupTable) -> list[str]:
    """(row, unit) of every known pair of words that stand next to each other in one question."""
    zero, one, last, end = (graph.constant([i]) for i in (0, 1, -1, np.iinfo(np.int64).max))

    def heads(tensor: str) -> Any:
        return graph.node("Slice", tensor, zero, last)

    def tails(tensor: str) -> Any:
        return graph.node("Slice", tensor, one, end)

    scaled = graph.node("Mul", heads(ids), graph.constant(len(table.words) + 1))
    code = graph.node("Add", scaled, tails(ids))
    same_row = graph.node("Equal", heads(rows), tails(rows))
    units = graph.lookup(
        graph.node("Where", same_row, code, graph.constant(-1)), table.pair_codes, table.pair_units, -1
    )
    return graph.keep(graph.node("GreaterOrEqual", units, graph.constant(0)), heads(rows), units)


def _ngrams(graph: Graph, rows: str, words: str, table: LookupTable, sizes: tuple[int, int]) -> list[str]:
    """(row, unit) of every known character n-gram of the unknown words, each with a space at both ends."""
    # Tokenizer's output loses its second axis when there is no word: an empty one, without n-grams, is added.
    words = graph.node("Concat", words, graph.constant([""], object), axis=0)
    rows = graph.node("Concat", rows, graph.constant([0]), axis=0)
    space = graph.constant(" ", object)
    padded = graph.node("StringConcat", graph.node("StringConcat", space, words), space)
    tokens = graph.node("Tokenizer", padded, domain=CONTRIB, mark=0, mincharnum=1, pad_value="", separators=[""])
    unknown = len(table.characters) + 1
    digits = graph.lookup(tokens, table.characters, range(1, unknown), unknown)
    base, axis, end = graph.constant(unknown + 1), graph.constant([1]), graph.constant([np.iinfo(np.int64).max])
    codes, windows = digits, []
    for size in range(2, sizes[1] + 1):
        prefix = graph.node("Slice", codes, graph.constant([0]), graph.constant([-1]), axis)
        suffix = graph.node("Slice", digits, graph.constant([size - 1]), end, axis)
        codes = graph.node("Add", graph.node("Mul", prefix, base), suffix)
        if size >= sizes[0]:
            windows.append(codes)
    units = graph.lookup(graph.node("Concat", *windows, axis=1), table.ngram_codes, table.ngram_units, -1)
    position = graph.node("NonZero", graph.node("GreaterOrEqual", units, graph.constant(0)))
    found = graph.node("GatherND", units, graph.node("Transpose", position, perm=[1, 0]))
    word = graph.node("Gather", position, graph.constant(0), axis=0)
    return [graph.node("Gather", rows, word, axis=0), found]


def _sums(graph: Graph, question: str, table: LookupTable, sizes: tuple[int, int]) -> str:
    """What all words, pairs and characters of each question add up to: DOUBLE [n, entries + 1]."""
    flat = graph.node("Reshape", question, graph.constant([-1]))
    rows, words = _words(graph, flat)
    unknown = len(table.words)
    ids = graph.lookup(words, table.words, range(unknown), unknown)
    is_unknown = graph.node("Equal", ids, graph.constant(unknown))
    stranger_rows, strangers = graph.keep(is_unknown, rows, words)
    found = [
        graph.keep(graph.node("Not", is_unknown), rows, ids),
        _pairs(graph, rows, ids, table),
        _ngrams(graph, stranger_rows, strangers, table, sizes),
    ]
    index, units = (graph.node("Concat", *parts, axis=0) for parts in zip(*found, strict=True))
    return graph.sum_rows(flat, index, units)


def _scores(graph: Graph, sums: str, entries: int, square_limit: float) -> str:
    """Divide the sums by the question's norm: FLOAT [n, entries]."""
    scores, square = graph.node("Split", sums, graph.constant([entries, 1]), outputs=2, axis=1)
    beyond = graph.node("Mul", graph.node("Mul", square, square), graph.constant(1 / square_limit, np.float64))
    norm = graph.node("Sqrt", graph.node("Max", square, beyond, graph.constant(1e-12, np.float64)))
    return str(graph.node("Cast", graph.node("Div", scores, norm), to=TensorProto.FLOAT))


def _ranked(graph: Graph, scores: str, matcher: FaqMatcher, k: int) -> tuple[str, str]:
    """Softmax over the scores and the constant "no entry"; ids and probabilities of the k best entries."""
    entries = len(matcher.classes_)
    start, end, axis = graph.constant([0]), graph.constant([entries]), graph.constant([1])
    padding = graph.constant([0, 0, 0, 1])  # one more column after the scores
    padded = graph.node("Pad", scores, padding, graph.constant(matcher.calibration_.none, np.float32))
    everything = graph.node("Softmax", padded, axis=1)
    matches = graph.node("Slice", everything, start, end, axis, name="all_probabilities")
    probabilities, index = graph.node("TopK", matches, graph.constant([k]), outputs=2, axis=1, largest=1, sorted=1)
    return graph.node("Gather", graph.constant(matcher.classes_, name="entry_ids"), index, axis=0), probabilities


def _convert_matcher(scope: Any, operator: Any, container: Any) -> None:
    matcher: FaqMatcher = operator.raw_operator
    table = LookupTable.of(matcher)
    graph = Graph(scope, container, table)
    sums = _sums(graph, operator.inputs[0].full_name, table, matcher.vectorizer_.char_range)
    scores = _scores(graph, sums, len(matcher.classes_), matcher.vectorizer_.square_limit_)
    k = min(container.get_options(matcher, {"top_k": DEFAULT_TOP_K})["top_k"], len(matcher.classes_))
    ids, probabilities = _ranked(graph, scores, matcher, k)
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
