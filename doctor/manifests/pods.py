"""Pods of Deployments and the like, and the containers in them: which is the gateway, which is Triton."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from doctor.manifests.tree import at, mapping, mappings, number, quantity, text, texts

KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job", "CronJob")
RUN_ONCE = ("Job", "CronJob")
_GRACE = 30.0  # Kubernetes' default, seconds
_REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")
_SLEEP = re.compile(r"\bsleep\s+(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Workload:
    """A Deployment or the like."""

    file: str
    raw: Mapping[str, Any]
    config_maps: Mapping[str, Mapping[str, Any]]

    def __str__(self) -> str:
        return f"{self.kind}/{self.name or '?'}"

    @property
    def kind(self) -> str:
        """Its kind."""
        return text(self.raw, "kind")

    @property
    def name(self) -> str:
        """Its name."""
        return text(self.raw, "metadata", "name")

    @property
    def namespace(self) -> str:
        """Its namespace; empty where it is left to whoever applies it."""
        return text(self.raw, "metadata", "namespace")

    @property
    def replicas(self) -> float | None:
        """How many pods it asks for; None where it leaves that open."""
        return number(self.raw, "spec", "replicas")

    @cached_property
    def pod(self) -> dict[str, Any]:
        """The pod's spec."""
        path = {"Pod": ("spec",), "CronJob": ("spec", "jobTemplate", "spec", "template", "spec")}
        return mapping(self.raw, *path.get(self.kind, ("spec", "template", "spec")))

    @property
    def labels(self) -> dict[str, Any]:
        """The pod's labels."""
        return mapping(self.raw, *(() if self.kind == "Pod" else ("spec", "template")), "metadata", "labels")

    @property
    def grace(self) -> float:
        """Seconds between SIGTERM's announcement and SIGKILL."""
        found = number(self.pod, "terminationGracePeriodSeconds")
        return _GRACE if found is None else found

    @cached_property
    def containers(self) -> list["Container"]:
        """Those that run all the time."""
        return [Container(self, raw) for raw in mappings(self.pod, "containers")]

    @property
    def gateway(self) -> "Container | None":
        """The container that runs `scoring gateway`."""
        return next((each for each in self.containers if each.is_gateway), None)

    @property
    def triton(self) -> "Container | None":
        """The container that runs Triton."""
        return next((each for each in self.containers if each.is_triton), None)

    def matched_by(self, selector: Mapping[str, Any]) -> bool:
        """Tell whether a label selector, in either of its forms, takes these pods."""
        exact = mapping(selector, "matchLabels") if {"matchLabels", "matchExpressions"} & set(selector) else selector
        labels = {key: text(value) for key, value in self.labels.items()}
        return all(labels.get(key) == text(value) for key, value in exact.items()) and all(
            _fits(labels, expression) for expression in mappings(selector, "matchExpressions")
        )


@dataclass(frozen=True)
class Container:
    """A container of a pod."""

    workload: Workload
    raw: Mapping[str, Any]

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
            source not in self.workload.config_maps for source in sources
        )

    def _env(self) -> Iterator[tuple[str, str]]:
        maps = self.workload.config_maps
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
    def is_triton(self) -> bool:
        """Whether it runs Triton."""
        return "tritonserver" in self.image or any(word.endswith("tritonserver") for word in self.words[:8])

    @property
    def is_gateway(self) -> bool:
        """Whether it runs `scoring gateway`, by its command, image or settings."""
        image = self.image.rpartition("/")[2]
        named = "gateway" in self.words[:4] or "gateway" in image
        return not self.is_triton and (named or any(key.startswith("SCORING_") for key in self.env))

    def flag(self, name: str) -> str | None:
        """The value of a flag of Triton's; None when it is not given, "true" when it has no value."""
        for place, word in enumerate(self.words):
            if word == f"--{name}":
                following = self.words[place + 1 : place + 2]
                return following[0] if following and not following[0].startswith("-") else "true"
            if word.startswith(f"--{name}="):
                return word.partition("=")[2]
        return None

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


def _split(word: str) -> list[str]:
    if not any(character.isspace() for character in word):
        return [word]
    try:
        return shlex.split(word)
    except ValueError:  # an open quotation mark
        return word.split()


def _fits(labels: Mapping[str, str], expression: Mapping[str, Any]) -> bool:
    value, values = labels.get(text(expression, "key")), texts(expression, "values")
    return {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }.get(text(expression, "operator"), False)
