"""Which Services a route of the Gateway API or an Ingress leads to."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from doctor.manifests.resource import Resource
from doctor.tree import at, mappings, text

ROUTES = ("Ingress", "HTTPRoute", "GRPCRoute", "TCPRoute")


class Backend(NamedTuple):
    """A Service by its name, and its port by number; an Ingress may name the port instead."""

    service: str
    port: str


def backends(route: Resource) -> Iterator[Backend]:
    """Yield the Services that requests go to."""
    for rule in mappings(route.spec, "rules"):
        yield from (Backend(text(each, "name"), text(each, "port")) for each in mappings(rule, "backendRefs"))
        yield from (_of_ingress(at(each, "backend")) for each in mappings(rule, "http", "paths"))
    yield _of_ingress(at(route.spec, "defaultBackend"))


def _of_ingress(backend: Any) -> Backend:
    port = text(backend, "service", "port", "number") or text(backend, "service", "port", "name")
    return Backend(text(backend, "service", "name"), port)
