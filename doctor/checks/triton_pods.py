"""Triton's flags in a pod."""

from collections.abc import Iterator

from doctor.check import container_check
from doctor.checks.triton_apis import CONTROL, GRPC, HTTP, restricted
from doctor.finding import Fault, risky, wrong
from doctor.manifests.containers import Container
from doctor.patient import Patient
from doctor.wording import guess, listed

_OFF = ("--disable-auto-complete-config", "--strict-model-config")


@container_check("triton-config-name", "The config that Triton is started with exists.")
def config_name(container: Container, patient: Patient) -> Iterator[Fault]:
    """Triton takes config.pbtxt instead, without a word."""
    wanted = container.flag("model-config-name")
    names = {config.name for model in patient.models for config in model.configs} - {""}
    if container.is_triton and wanted and patient.models and wanted not in names:
        yield wrong(
            f"--model-config-name={wanted}: no model has configs/{wanted}.pbtxt, so Triton takes config.pbtxt, which "
            "is "
            "for laptops",
            guess(wanted, names, f"there are {listed(sorted(names))}"),
        )


@container_check("triton-flags", "Triton loads what it is told, guesses nothing, and takes no orders from clients.")
def flags(container: Container, patient: Patient) -> Iterator[Fault]:
    """docs/user_guide/model_management.md of github.com/triton-inference-server/server."""
    if not container.is_triton:
        return
    mode = container.flag("model-control-mode") or "none"
    if mode == "poll":
        yield wrong(
            "--model-control-mode=poll loads models while they are being copied, and is not meant for production",
            "leave it out: a new model is a new pod",
        )
    elif mode == "explicit":
        yield from _explicit(container, patient)
    if not any(word.startswith(_OFF) for word in container.words):
        yield risky(
            "it completes configs that say too little: what it guesses differs between releases", f"add {_OFF[0]}"
        )
    if (container.flag("exit-on-error") or "true").lower() in {"false", "0"}:
        yield risky("--exit-on-error=false: Triton goes on without a model that failed to load", "leave it out")


def _explicit(container: Container, patient: Patient) -> Iterator[Fault]:
    """What is loaded at the start is all there is, if nobody may load more."""
    named = set(container.flags("load-model"))
    known = {model.name for model in patient.models}
    if not named:
        yield wrong("--model-control-mode=explicit without --load-model: it serves no model", "name those to load")
    for name in sorted(named - known - {"*"}) if known else ():
        yield wrong(f"--load-model={name}: the repository has no such model", guess(name, known, "correct the name"))
    if CONTROL not in restricted(container, GRPC) or CONTROL not in restricted(container, HTTP):
        yield risky(
            "--model-control-mode=explicit lets every client load and unload models, and with them run code",
            f"restrict the API {CONTROL} over gRPC and HTTP, or leave the mode out",
        )


@container_check("connection-age", "Old connections to Triton end, so that new pods get some.")
def connection_age(container: Container, patient: Patient) -> Iterator[Fault]:
    """An age without a grace cuts off calls that are in flight."""
    if (
        container.is_triton
        and container.flag("grpc-max-connection-age")
        and not container.flag("grpc-max-connection-age-grace")
    ):
        yield risky(
            "--grpc-max-connection-age without --grpc-max-connection-age-grace: how long calls in flight get is "
            "left open",
            "state both; the grace is at least the longest deadline",
        )


@container_check("keepalive", "Triton puts up with the pings of the gateway.")
def keepalive(container: Container, _: Patient) -> Iterator[Fault]:
    """The gateway pings after 10 s of silence, twice at most until data flows; Triton's defaults allow that."""
    if not container.is_triton:
        return
    strikes = container.flag("grpc-http2-max-ping-strikes")
    if strikes in {"1"}:
        yield wrong(
            f"--grpc-http2-max-ping-strikes={strikes}: Triton hangs up (too_many_pings) when the gateway asks twice "
            "whether it "
            "lives",
            "leave it at its default, 2",
        )


CHECKS = [config_name, flags, connection_age, keepalive]
