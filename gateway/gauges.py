"""Gauges that are read when metrics are asked for: what is held and waits for each model, and how each Triton does."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from gateway.batcher import Batcher
from gateway.catalogs import Catalogs
from gateway.limits.admission import Admission
from gateway.readiness import Readiness
from gateway.telemetry.telemetry import Telemetry
from gateway.triton.channels import TritonChannels


def watch_admission(telemetry: Telemetry, model: str, admission: Admission, batcher: Batcher[Any, Any]) -> None:
    """Show how much was admitted for a model, and how much of it waits for a call."""
    labels = {"model": model}
    telemetry.watch("scoring_admitted_items", labels, lambda: admission.items)
    telemetry.watch("scoring_admitted_bytes", labels, lambda: admission.bytes)
    telemetry.watch("scoring_queued_items", labels, lambda: batcher.waiting)


def watch_replicas(telemetry: Telemetry, channels: TritonChannels) -> None:
    """Show how many Tritons have a breaker that is not closed, and what happened to the calls to all together."""
    telemetry.watch("scoring_triton_open_breakers", {}, lambda: sum(each.breaker > 0 for each in channels.replicas()))
    telemetry.watch("scoring_triton_calls_in_flight", {}, lambda: sum(each.in_flight for each in channels.replicas()))
    telemetry.watch("scoring_triton_retries_total", {}, lambda: sum(each.retries for each in channels.replicas()))
    telemetry.watch("scoring_triton_fallback_calls_total", {}, lambda: channels.stand_ins)


def watch_readiness(telemetry: Telemetry, readiness: Readiness) -> None:
    """Show for each published model whether it answered its last golden request."""
    for model in readiness.models:
        telemetry.watch("scoring_model_ready", {"model": model}, partial(readiness.glance, model))


def watch_servers(telemetry: Telemetry, connections: Callable[[], int], expires: Callable[[], float] | None) -> None:
    """Show how many HTTP connections are open, and, with TLS, when the certificate expires."""
    telemetry.watch("scoring_http_connections", {}, connections)
    if expires is not None:
        telemetry.watch("scoring_tls_certificate_expiry_timestamp_seconds", {}, expires)


def tell_version(telemetry: Telemetry, catalogs: Catalogs[Any], engine: Callable[[], str]) -> None:
    """Show which version of a model answered last, and the engine that runs it, "" where that is not asked for."""

    def facts() -> Mapping[str, str]:
        catalog = catalogs.latest
        return {"model": catalogs.model, "version": catalog.version, "engine": engine()} if catalog else {}

    telemetry.tell("scoring_model_info", catalogs.model, facts)
