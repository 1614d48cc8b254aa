"""How many threads the engines of a config will use."""

from typing import NamedTuple

from doctor.repository.model import Config

_PARAMETERS = {"onnxruntime": "intra_op_thread_count", "openvino": "INFERENCE_NUM_THREADS"}


class Threads(NamedTuple):
    """Threads of one instance, None for one on every core, and instances on the CPU; `parameter` sets the former."""

    parameter: str
    each: int | None
    instances: int
    stated: bool

    @property
    def total(self) -> int | None:
        """Of all instances."""
        return None if self.each is None else self.each * self.instances

    def __str__(self) -> str:
        return f"{self.each} threads" + (f" x {self.instances} instances" if self.instances > 1 else "")


def threads(config: Config) -> Threads | None:
    """Return what a config asks for; None for backends whose threads are unknown here, and on GPUs."""
    parameter = _PARAMETERS.get(config.backend)
    if parameter is None or config.on_gpu:
        return None
    text = config.parameter(parameter)
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    return Threads(parameter, number or None, config.instances, bool(text))
