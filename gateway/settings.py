"""Settings of the gateway: one frozen value, read from the environment, passed whole."""

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any

ENV_PREFIX = "SCORING_"


class SettingsError(ValueError):
    """A setting cannot be read; the message names it, its value and what is expected."""


def _setting(default: Any, text: str, *, least: float | None = None, most: float | None = None) -> Any:
    return field(default=default, metadata={"help": text, "least": least, "most": most})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can change, with what the change does."""

    host: str = _setting("127.0.0.1", "Address that both ports listen on; 0.0.0.0 opens the service to the network.")
    port: int = _setting(8080, "HTTP port; 0 takes a free one.", least=0, most=65535)
    grpc_port: int = _setting(8081, "gRPC port; 0 takes a free one.", least=0, most=65535)
    triton_url: str = _setting("127.0.0.1:8001", "Triton's gRPC address, host:port.")
    model_repository: str = _setting("model_repository", "Folder whose versions' catalogs turn ids into answers.")
    faq_model: str = _setting("faq_matcher", "Name of the FAQ model in Triton and of its folder in the repository.")
    image_model: str = _setting(
        "resnet152", "Name of the image classifier in Triton and of its folder in the repository."
    )
    deadline: float = _setting(
        5.0, "Seconds a request may take, waiting included; a longer one fails with 504.", least=0.001, most=600
    )
    readiness_deadline: float = _setting(
        1.0, "Seconds the golden question may take before its model counts as not ready.", least=0.001, most=60
    )
    max_batch_size: int = _setting(
        64, "Most questions in one call to Triton; never more than the model's max_batch_size.", least=1, most=4096
    )
    max_calls: int = _setting(
        4, "Calls to Triton at a time, per model; fewer leave a Triton with many instances idle.", least=1, most=256
    )
    max_waiting: int = _setting(
        1024, "Questions that may wait for a call; the next one is refused with 503.", least=1, most=1_000_000
    )
    max_questions: int = _setting(100, "Most questions in one request.", least=1, most=10_000)
    max_question_length: int = _setting(20_000, "Most characters in a question.", least=1, most=1_000_000)
    max_body_bytes: int = _setting(
        1_048_576, "Most bytes in the body of a FAQ request, HTTP and gRPC alike.", least=1024, most=1 << 30
    )
    max_images: int = _setting(16, "Most images in one request.", least=1, most=10_000)
    max_image_bytes: int = _setting(10_485_760, "Most bytes in an image file.", least=1024, most=1 << 30)
    max_image_pixels: int = _setting(
        52_000_000,
        "Most pixels in an image; decoding takes up to 4 bytes of memory for each.",
        least=1,
        most=89_478_485,
    )  # above, Pillow itself suspects a decompression bomb
    max_image_body_bytes: int = _setting(
        20_971_520, "Most bytes in the body of an image request, HTTP and gRPC alike.", least=1024, most=1 << 30
    )
    max_image_batch_size: int = _setting(
        16, "Most images in one call to Triton; less where the model's max_batch_size is less.", least=1, most=4096
    )
    max_image_calls: int = _setting(
        2, "Calls with images to Triton at a time; with 1 the engine idles between two calls.", least=1, most=256
    )
    max_waiting_images: int = _setting(
        128,
        "Images that may be admitted and not yet answered; the next one is refused with 503.",
        least=1,
        most=1_000_000,
    )
    decode_threads: int = _setting(
        0, "Threads that decode images; 0 takes one for each core that the process may use.", least=0, most=1024
    )
    grace: int = _setting(
        2, "Seconds that requests in flight get to finish after SIGTERM or Ctrl-C.", least=1, most=600
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables SCORING_<NAME>; others keep their defaults.

        Raises SettingsError for a value that is not of the field's type or out of its range.
        """
        given = {f: environ[env_name(f)] for f in fields(cls) if env_name(f) in environ}
        return cls(**{f.name: _parse(f, text) for f, text in given.items()})


def env_name(setting: "Field[Any]") -> str:
    """Return the environment variable of a settings field."""
    return ENV_PREFIX + setting.name.upper()


def flag_name(setting: "Field[Any]") -> str:
    """Return the command-line flag of a settings field."""
    return "--" + setting.name.replace("_", "-")


def _parse(setting: "Field[Any]", text: str) -> Any:
    kind: Callable[[str], Any] = type(setting.default)
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or value == "" or not _within(value, setting):
        raise SettingsError(f"{env_name(setting)}={text!r}: expected {_expectation(setting)}")
    return value


def _within(value: Any, setting: "Field[Any]") -> bool:
    least, most = setting.metadata["least"], setting.metadata["most"]
    return (least is None or value >= least) and (most is None or value <= most)


def _expectation(setting: "Field[Any]") -> str:
    kind = {int: "an integer", float: "a number", str: "a text that is not empty"}[type(setting.default)]
    least, most = setting.metadata["least"], setting.metadata["most"]
    return kind if least is None else f"{kind} from {least} to {most}"
