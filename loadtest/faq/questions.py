"""Real, varied questions, and the messages that ask them: serialised once, before the clock runs."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from struct import pack

from tritonclient.grpc import service_pb2

from gateway.generated.scoring_pb2 import MatchFaqRequest
from loadtest.batches import batches
from loadtest.errors import LoadTestError
from preprocessing.text import canonical

TOP_K = 3
_SAMPLE = Path(__file__).parents[2] / "converters" / "faq" / "sample"
SAMPLE_FILES = (_SAMPLE / "test.tsv", _SAMPLE / "duplicates.tsv")
_COLUMN = "Text0"


def read_questions(files: Sequence[Path]) -> list[str]:
    """Return the raw texts in the column Text0 of tab-separated files. Raises LoadTestError."""
    questions = [text for file in files for text in _read(file)]
    asked = [text for text in questions if canonical(text)]
    if not asked:
        raise LoadTestError(f"no question in {', '.join(map(str, files))}", f"fill their column {_COLUMN}")
    return asked


def _read(file: Path) -> list[str]:
    hint = f"give a tab-separated file with a column {_COLUMN}: --questions FILE"
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, dialect="excel-tab")
            if _COLUMN not in (rows.fieldnames or ()):
                raise LoadTestError(f"{file} has no column {_COLUMN}", hint)
            return [row[_COLUMN] or "" for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LoadTestError(f"{file} cannot be read: {error}", hint) from None


def http_bodies(questions: Sequence[str], size: int = 1) -> list[bytes]:
    """Return bodies of POST /v1/faq/match: one question each, or lists of `size` questions."""
    if size == 1:
        return [json.dumps({"question": text, "top_k": TOP_K}).encode() for text in questions]
    return [json.dumps({"questions": batch, "top_k": TOP_K}).encode() for batch in batches(questions, size)]


def bodies_2019(questions: Sequence[str]) -> list[bytes]:
    """Return bodies of POST /score, as clients of 2019 send them."""
    return [json.dumps({"input": text}).encode() for text in questions]


def grpc_messages(questions: Sequence[str]) -> list[bytes]:
    """Return serialised scoring.v1.MatchFaqRequest messages of one question each."""
    return [MatchFaqRequest(question=text, top_k=TOP_K).SerializeToString() for text in questions]


def triton_messages(questions: Sequence[str], model: str, size: int = 1) -> list[bytes]:
    """Return serialised KServe v2 ModelInferRequest messages of `size` canonical questions each."""
    return [_triton_message(batch, model) for batch in batches([canonical(text) for text in questions], size)]


def _triton_message(texts: Sequence[str], model: str) -> bytes:
    request = service_pb2.ModelInferRequest(model_name=model)
    request.inputs.add(name="question", datatype="BYTES", shape=(len(texts), 1))
    request.outputs.add(name="ids")
    request.outputs.add(name="probabilities")
    encoded = [text.encode() for text in texts]
    request.raw_input_contents.append(b"".join(pack("<I", len(text)) + text for text in encoded))
    message: bytes = request.SerializeToString()
    return message
