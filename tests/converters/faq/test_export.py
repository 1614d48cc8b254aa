"""The ONNX graph answers exactly as the scikit-learn pipeline."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import Pipeline

from converters.faq.export import FaqSession, export, with_all_probabilities
from converters.parity import NASTY_TEXTS, compare_rankings
from preprocessing.text import canonical


@pytest.fixture(scope="module")
def model(pipeline: Pipeline) -> onnx.ModelProto:
    """The small FAQ, exported."""
    return export(pipeline, top_k=5)


@pytest.fixture(scope="module")
def session(model: onnx.ModelProto) -> FaqSession:
    """ONNX Runtime over it."""
    return FaqSession(model.SerializeToString())


def test_contract_of_the_graph(model: onnx.ModelProto) -> None:
    """Canonical text in, ids and probabilities of the k best entries out, batch axis free."""
    shapes = {
        value.name: (value.type.tensor_type.elem_type, [d.dim_value for d in value.type.tensor_type.shape.dim])
        for value in [*model.graph.input, *model.graph.output]
    }
    assert shapes == {
        "question": (onnx.TensorProto.STRING, [0, 1]),
        "ids": (onnx.TensorProto.INT64, [0, 5]),
        "probabilities": (onnx.TensorProto.FLOAT, [0, 5]),
    }


@pytest.mark.parametrize("name", NASTY_TEXTS)
def test_nasty_texts_alone(pipeline: Pipeline, session: FaqSession, name: str) -> None:
    """Each nasty text, alone in its batch, gets the pipeline's answer."""
    matcher = pipeline[-1]
    texts = {name: canonical(NASTY_TEXTS[name])}
    assert compare_rankings(texts, matcher.predict_proba, session, matcher.classes_, 1e-5).questions == 1


@settings(max_examples=60)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=9))
def test_any_batch(pipeline: Pipeline, session: FaqSession, texts: list[str]) -> None:
    """Any batch of any texts: the neighbours in a batch change nothing."""
    matcher = pipeline[-1]
    named = {str(i): canonical(text) for i, text in enumerate(texts)}
    compare_rankings(named, matcher.predict_proba, session, matcher.classes_, 1e-5)


@settings(max_examples=60)
@given(st.lists(st.sampled_from("array arrays value how do i sort zzq $ === js éa nan 数".split()), max_size=30))  # noqa: SIM905
def test_known_and_unknown_words_mixed(pipeline: Pipeline, session: FaqSession, words: list[str]) -> None:
    """Known words, unknown words made of known n-grams, repetitions and pairs are all looked up exactly."""
    matcher = pipeline[-1]
    compare_rankings({"mix": " ".join(words)}, matcher.predict_proba, session, matcher.classes_, 1e-5)


def test_k_is_at_most_the_number_of_entries(pipeline: Pipeline) -> None:
    """Asking for more matches than there are entries exports all of them."""
    ids, _ = FaqSession(export(pipeline, top_k=500).SerializeToString())(["sort"])
    assert sorted(ids[0]) == sorted(pipeline[-1].classes_)


def test_all_probabilities_are_those_of_the_pipeline(pipeline: Pipeline, model: onnx.ModelProto) -> None:
    """Opened up for evaluation, the graph gives every entry's probability, in the order of the ids it names."""
    opened, ids = with_all_probabilities(model)
    found = FaqSession(opened).all_probabilities(["how to sort an array"])
    assert np.array_equal(ids, pipeline[-1].classes_)
    assert found == pytest.approx(pipeline[-1].predict_proba(["how to sort an array"]), abs=1e-5)
