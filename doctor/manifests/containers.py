"""Containers of pods: which is the gateway, which is Triton, and how they are started."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from doctor.tree import at, mapping, mappings, number, quantity, text, texts

_REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")
_SLEEP = re.compile(r"\bsleep\s+(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Container:
    """A container; `pod_rights` is its pod's securityContext, `lasting` tells it from those of jobs."""

    raw: Mapping[str, Any]
    config_maps: Mapping[str, Mapping[str, Any]]
    pod_rights: Mapping[str, Any]
    lasting: bool

    @property
    def name(self) -> str:
        """Its name."""
        return text(self.raw, "name") or "?"

    @property
    def image(self) -> str:
        """What it runs."""
        return text(self.raw, "image")

    @cached_property
    def words(self) -> list[str]:
        """Command and arguments, with $(VARIABLE) replaced; a shell's script is taken apart."""
        found = [*texts(self.raw, "command"), *texts(self.raw, "args")]
        words = [word for each in found for word in _split(each)]
        return [_REFERENCE.sub(lambda match: self.env.get(match[1], match[0]), word) for word in words]

    @cached_property
    def env(self) -> dict[str, str]:
        """Environment variables whose values are known; those of secrets are not."""
        return dict(self._env())

    @property
    def secretive(self) -> bool:
        """Whether settings of the gateway come from where nobody can look."""
        names = {text(each, "name") for each in mappings(self.raw, "env")} - set(self.env)
        sources = (text(each, "configMapRef", "name") for each in mappings(self.raw, "envFrom"))
        return any(name.startswith("SCORING_") for name in names) or any(
            source not in self.config_maps for source in sources
        )

    def _env(self) -> Iterator[tuple[str, str]]:
        maps = self.config_maps
        for source in mappings(self.raw, "envFrom"):
            data = maps.get(text(source, "configMapRef", "name"), {})
            yield from ((text(source, "prefix") + key, text(value)) for key, value in data.items())
        for each in mappings(self.raw, "env"):
            reference = mapping(each, "valueFrom", "configMapKeyRef")
            if "valueFrom" not in each:
                yield text(each, "name"), text(each, "value")
            elif text(reference, "key") in maps.get(text(reference, "name"), {}):
                yield text(each, "name"), text(maps[text(reference, "name")], text(reference, "key"))

    @property
    def is_sidecar(self) -> bool:
        """Whether it is among the initial containers and runs as long as its pod."""
        return text(self.raw, "restartPolicy") == "Always"

    @property
    def is_triton(self) -> bool:
        """Whether it runs Triton, and does so all the time."""
        named = "triton" in self.image.rpartition("/")[2] or "tritonserver" in self.image
        started = named or any(word.endswith("tritonserver") for word in self.words[:8])
        return started and self.lasting

    @property
    def is_gateway(self) -> bool:
        """Whether it runs `scoring gateway` all the time, by its command, image or settings."""
        named = "gateway" in self.words[:4] or "gateway" in self.image.rpartition("/")[2]
        started = named or any(key.startswith("SCORING_") for key in self.env)
        return started and not self.is_triton and self.lasting

    def flag(self, name: str) -> str | None:
        """The value of a flag of Triton's; None when it is not given, "true" when it has no value."""
        return next(self.flags(name), None)

    def flags(self, name: str) -> Iterator[str]:
        """The values of a flag that may be given several times."""
        for place, word in enumerate(self.words):
            if word == f"--{name}":
                following = self.words[place + 1 : place + 2]
                yield following[0] if following and not following[0].startswith("-") else "true"
            if word.startswith(f"--{name}="):
                yield word.partition("=")[2]

    def mount(self, path: str) -> dict[str, Any]:
        """The mount that a path lies in, the innermost one; empty where there is none."""
        found = [each for each in mappings(self.raw, "volumeMounts") if _holds(text(each, "mountPath"), path)]
        return max(found, key=lambda each: len(text(each, "mountPath")), default={})

    def resource(self, side: str, name: str) -> float | None:
        """How much of a resource is among its "requests" or "limits"."""
        return quantity(at(self.raw, "resources", side, name))

    @property
    def gpus(self) -> float:
        """GPUs, or slices of one, that it may use."""
        limits = mapping(self.raw, "resources", "limits")
        return sum(quantity(value) or 0 for key, value in limits.items() if key.startswith("nvidia.com/"))

    @property
    def sleep(self) -> float:
        """Seconds that preStop takes, 0 without one."""
        hook = mapping(self.raw, "lifecycle", "preStop")
        slept = _SLEEP.search(" ".join(texts(hook, "exec", "command")))
        return number(hook, "sleep", "seconds") or (float(slept[1]) if slept else 0.0)

    def probe(self, kind: str) -> dict[str, Any]:
        """The probe "liveness", "readiness" or "startup"; empty without one."""
        return mapping(self.raw, f"{kind}Probe")


def _holds(folder: str, path: str) -> bool:
    return bool(folder) and (path == folder or path.startswith(folder.rstrip("/") + "/"))


def _split(word: str) -> list[str]:
    if not any(character.isspace() for character in word):
        return [word]
    try:
        return shlex.split(word)
    except ValueError:  # an open quotation mark
        return word.split()
