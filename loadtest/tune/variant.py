"""A way to serve a model: what `scoring tune` may change in its config."""

import msgspec

ENGINES = {"onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}  # Triton's backend: what people call it


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One config. Each of `instances` runs on so many `threads`; with `max_batch_size` 0 Triton merges nothing."""

    engine: str  # Triton's backend
    version: int  # of the model
    precision: str  # of that version
    instances: int
    threads: int
    max_batch_size: int
    queue_delay_us: int

    @property
    def placement(self) -> str:
        """How the cores are divided."""
        return f"{counted(self.instances, 'instance')} x {counted(self.threads, 'thread')}"

    @property
    def computing(self) -> str:
        """What computes, and in what precision the file is."""
        return f"{ENGINES.get(self.engine, self.engine)} {self.precision}".strip()

    @property
    def batching(self) -> str:
        """How Triton merges requests."""
        if not self.max_batch_size:
            return "no merging"
        return f"batches to {self.max_batch_size}, delay {delay(self.queue_delay_us)}"

    def __str__(self) -> str:
        return f"{self.computing}, {self.placement}, {self.batching}"


def counted(count: int, noun: str) -> str:
    """Return a number of things."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def delay(microseconds: int) -> str:
    """Return a queue delay as people read it."""
    return f"{microseconds / 1000:g} ms" if microseconds >= 1000 else f"{microseconds} us"
