"""Triton's log, reduced to what an operator needs."""

import pytest

from standalone.triton_log import Entry, read

SHOWN = {
    """I1123 07:00:02.032607 10159 model_lifecycle.cc:839] "successfully loaded 'echo'\"""": Entry(
        "info", "successfully loaded 'echo'"
    ),
    'W1123 07:00:02.032607 10159 some.cc:1] "memory is short"': Entry("warning", "memory is short"),
    'E1123 07:00:02.032607 10159 some.cc:1] "say \\"please\\""': Entry("error", 'say "please"'),
    (
        "E1123 07:00:02.032607 10159 model_lifecycle.cc:642] \"failed to load 'echo' version 1: Internal: "
        "TritonModelException: unable to find 'model.onnx'\\n\\nAt:\\n  /tmp/x/model.py(45): initialize\\n\""
    ): Entry("error", "cannot load echo version 1: unable to find 'model.onnx'"),
    "error: creating server: Internal - failed to load all models": Entry(
        "error", "error: creating server: Internal - failed to load all models"
    ),
    "a line that a model printed": Entry("info", "a line that a model printed"),
}
DROPPED = [
    'I1123 07:00:02.043978 10159 http_server.cc:4713] "Started HTTPService at 127.0.0.1:18000"',
    'E1123 07:00:01.117038 10159 server.cc:241] "CudaDriverHelper has not been initialized."',
    'W1123 07:00:01.117038 10159 memory.cc:212] "failed to allocate pinned system memory: no pinned memory pool"',
    "I1123 07:00:02.032860 10159 server.cc:674] ",
    "+-------+---------+--------+",
    "| Model | Version | Status |",
    "Signal (15) received.",
    "ERROR: Failed to create instance: TritonModelException: unable to find 'model.onnx'",
    "At:",
    "  /tmp/x/backends/common/stub_model.py(50): initialize",
    "  <frozen importlib._bootstrap>(241): _call_with_frames_removed",
    "",
]


@pytest.mark.parametrize("line", SHOWN)
def test_news_warnings_and_errors_are_shown_in_plain_words(line: str) -> None:
    """Time, process and source file are left out, and so is the traceback of a model's exception."""
    assert read(line) == SHOWN[line]


@pytest.mark.parametrize("line", DROPPED)
def test_tables_routine_and_the_missing_gpu_are_dropped(line: str) -> None:
    """Nothing of it helps to run the server."""
    assert read(line) is None
