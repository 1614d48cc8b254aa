"""What the models are to run on."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
# What computes in fewer bits than FP32, as Linux names it (arch/x86/include/asm/cpufeatures.h; arm64's cpuinfo.c).
_INT8 = {"avx512_vnni", "avx_vnni", "amx_int8", "asimddp"}
_BF16 = {"avx512_bf16", "amx_bf16", "bf16"}
_FP16 = {"avx512_fp16", "amx_fp16", "asimdhp"}


class Processor(StrEnum):
    """Kinds of target: this machine, CPUs by what they compute fast, or a GPU."""

    HERE = "here"
    CPU = "cpu"  # AVX2 at most
    CPU_VNNI = "cpu-vnni"  # INT8 dot products
    CPU_AMX = "cpu-amx"  # INT8 and bfloat16 matrix products
    GPU = "gpu"


_FEATURES = {
    Processor.CPU: frozenset[str](),
    Processor.CPU_VNNI: frozenset({"avx512_vnni"}),
    Processor.CPU_AMX: frozenset({"avx512_vnni", "amx_int8", "amx_bf16"}),
}


@dataclass(frozen=True)
class Target:
    """A processor, and how many cores of it a pod has; None where nobody said."""

    processor: Processor
    features: frozenset[str]
    cores: int | None = None

    @property
    def gpu(self) -> bool:
        """Whether models run on a GPU."""
        return self.processor is Processor.GPU

    @property
    def int8(self) -> bool:
        """Whether INT8 is faster than FP32."""
        return self.gpu or bool(self.features & _INT8)

    @property
    def fp16(self) -> bool:
        """Whether FP16 is computed as such, and not converted back and forth."""
        return self.gpu or bool(self.features & _FP16)

    @property
    def bf16(self) -> bool:
        """Whether bfloat16 is."""
        return self.gpu or bool(self.features & _BF16)

    @property
    def shown(self) -> str:
        """The target in a sentence."""
        return "this machine's CPU" if self.processor is Processor.HERE else f"the target {self.processor}"


def target(processor: Processor, cores: int | None) -> Target:
    """Return a target; what this machine can do is read from /proc/cpuinfo."""
    return Target(processor, _FEATURES.get(processor) or _features(processor), cores)


def _features(processor: Processor) -> frozenset[str]:
    if processor is not Processor.HERE:
        return frozenset()
    try:
        lines = _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return frozenset(flags.partition(":")[2].split())
