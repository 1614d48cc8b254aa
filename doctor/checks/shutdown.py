"""The arithmetic of stopping: what must happen between SIGTERM and SIGKILL."""

from collections.abc import Iterator

from doctor.check import workload_check
from doctor.finding import Fault, risky, wrong
from doctor.manifests.roles import gateways, settings
from doctor.manifests.workloads import Workload
from doctor.patient import Patient

_EXIT_TIMEOUT = 30.0  # seconds, Triton's default of --exit-timeout-secs
_WORKERS = 10.0  # seconds after which the gateway kills a worker that should have ended
_STOP = 1.0  # seconds that a process takes to end once it has nothing left to do


@workload_check("grace-period", "A pod is not killed before preStop, drain and the last requests are over.")
def grace_period(workload: Workload, _: Patient) -> Iterator[Fault]:
    """Kubernetes kills what is left when the period is over; preStop is part of it."""
    for name, seconds in _needs(workload):
        if workload.grace <= seconds + _STOP:
            yield wrong(
                f"{name} needs {seconds:g} s to stop ({_parts(workload, name)}), and is killed after "
                f"{workload.grace:g} s",
                f"set terminationGracePeriodSeconds to {int(seconds + _STOP) + 5} or more",
            )


def _needs(workload: Workload) -> Iterator[tuple[str, float]]:
    for name in ("the gateway", "Triton"):
        if parts := _seconds(workload, name):
            yield name, sum(parts.values())


def _parts(workload: Workload, name: str) -> str:
    return " + ".join(f"{what} {seconds:g}" for what, seconds in _seconds(workload, name).items() if seconds)


def _seconds(workload: Workload, name: str) -> dict[str, float]:
    if name == "the gateway" and (gateway := workload.gateway):
        found = settings(gateway).settings
        spare = _WORKERS if found.workers > 1 else 0.0
        return {"preStop": gateway.sleep, "drain delay": found.drain_delay, "grace": found.grace, "workers": spare}
    if name == "Triton" and (triton := workload.triton):
        return {"preStop": triton.sleep, "exit timeout": _exit_timeout(triton.flag("exit-timeout-secs"))}
    return {}


def _exit_timeout(stated: str | None) -> float:
    return float(stated) if stated and stated.isascii() and stated.isdecimal() and len(stated) < 9 else _EXIT_TIMEOUT


@workload_check("drain", "A pod goes on serving until everybody has noticed that it is going.")
def drain(workload: Workload, _: Patient) -> Iterator[Fault]:
    """Endpoints are removed while SIGTERM is on its way, not before."""
    if (gateway := workload.gateway) and not gateway.sleep and not settings(gateway).settings.drain_delay:
        yield wrong(
            "the gateway stops at once when its pod is deleted, while balancers still send requests to it",
            "set SCORING_DRAIN_DELAY to 10 (seconds), or a preStop sleep",
        )
    if (triton := workload.triton) and not triton.sleep:
        yield wrong(
            "Triton stops at once when its pod is deleted: gateways that have not noticed get UNAVAILABLE",
            "add lifecycle: preStop: sleep: seconds: 5",
        )


@workload_check("last-requests", "Requests in flight have as long to finish as their deadline allows.")
def last_requests(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """What is not answered when the grace ends gets 503."""
    if gateway := workload.gateway:
        found = settings(gateway).settings
        if found.grace < found.deadline:
            yield risky(
                f"requests in flight have {found.grace} s to finish (SCORING_GRACE), and a deadline of "
                f"{found.deadline:g} s: slow ones are cut off at every roll-out",
                f"set SCORING_GRACE to {int(found.deadline + 0.999)}, and terminationGracePeriodSeconds to match",
            )
    if (triton := workload.triton) and patient.manifests:
        exit_timeout = _exit_timeout(triton.flag("exit-timeout-secs"))
        longest = max((settings(each).settings.deadline for _, each in gateways(patient.manifests)), default=0.0)
        if exit_timeout < longest:
            yield risky(
                f"--exit-timeout-secs={exit_timeout:g} is shorter than the gateway's deadline of {longest:g} s: what "
                "runs when a pod is deleted is lost",
                f"set it to {int(longest + 0.999)} or more",
            )


CHECKS = [grace_period, drain, last_requests]
