"""Questions and the messages that ask them."""

import json
from pathlib import Path

import pytest
from tritonclient.grpc import service_pb2

from gateway.generated.scoring_pb2 import MatchFaqRequest
from loadtest.errors import LoadTestError
from loadtest.faq.questions import SAMPLE_FILES, grpc_messages, http_bodies, read_questions, triton_messages


def test_sample_has_many_different_questions() -> None:
    """Without a file of the user's, the load is varied."""
    questions = read_questions(SAMPLE_FILES)
    assert len(set(questions)) > 800


def test_questions_without_a_word_are_left_out(tmp_path: Path) -> None:
    """What the service would refuse is not asked."""
    file = tmp_path / "questions.tsv"
    file.write_text('Id\tText0\n1\t"why ""this""?"\n2\t",;"\n', encoding="utf-8")
    assert read_questions([file]) == ['why "this"?']


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"Id\tText\n1\tx\n", "no column Text0"),
        (b"Id\tText0\n1\t\xff\n", "cannot be read"),
        (b"Id\tText0\n", "no question"),
    ],
)
def test_unusable_file_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    """A file that is missing, of another layout, not UTF-8 or empty is an error that names it."""
    file = tmp_path / "questions.tsv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(LoadTestError, match=message) as caught:
        read_questions([file])
    assert file.name in str(caught.value)


def test_all_protocols_ask_the_same() -> None:
    """A question is the same text over HTTP and gRPC, and canonical in Triton's tensor."""
    text = "Is <b>NaN</b> === NaN? \N{SNOWMAN}"
    (body,) = http_bodies([text])
    (message,) = grpc_messages([text])
    (tensor,) = triton_messages([text], "faq_matcher")
    assert json.loads(body)["question"] == MatchFaqRequest.FromString(message).question == text
    assert json.loads(body)["top_k"] == MatchFaqRequest.FromString(message).top_k
    content = service_pb2.ModelInferRequest.FromString(tensor).raw_input_contents[0]
    assert int.from_bytes(content[:4], "little") == len(content) - 4
    assert content[4:].decode().startswith("is nan === nan")


def test_lists_hold_so_many_questions() -> None:
    """A list of 32 is 32 questions in one request, in HTTP's body and in Triton's tensor."""
    assert [len(json.loads(body)["questions"]) for body in http_bodies(["a", "b"], 32)] == [32, 32]
    (message, _) = triton_messages(["a", "b"], "faq_matcher", 32)
    assert list(service_pb2.ModelInferRequest.FromString(message).inputs[0].shape) == [32, 1]
