"""What can go wrong between data and a published model version.

ConversionError
├── DatasetError    the data cannot be used as it stands
├── WeightsError    a checkpoint cannot be used
├── ModelError      an ONNX file cannot be served
├── ParityError     the exported model disagrees with the trained one
└── PublishError    the version cannot be written to the model repository
"""

_LONGEST = 400  # characters: enough for a path and a reason, too few for somebody's question


class ConversionError(Exception):
    """One line that says what is wrong, and a hint that says what to do about it.

    Messages name files, lines, columns and ids, never the texts of questions or answers.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(_one_line(message))
        self.hint = _one_line(hint)


class DatasetError(ConversionError):
    """The data set is missing, malformed or contradicts itself."""


class WeightsError(ConversionError):
    """Weights are missing, damaged, unsafe to load, or belong to another network."""


class ModelError(ConversionError):
    """An ONNX file is damaged, unsafe to load, or not a classifier that Triton can serve."""


class ParityError(ConversionError):
    """The exported model does not answer as the trained one does."""


class PublishError(ConversionError):
    """The model repository cannot take the new version."""


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
