"""The way in: Gateways, their routes, and that it is HTTPS alone."""

from collections.abc import Iterator
from typing import Any

from doctor.check import resource_check
from doctor.finding import Fault, wrong
from doctor.manifests.documents import Manifests
from doctor.manifests.resource import Resource
from doctor.manifests.roles import named
from doctor.tree import mapping, mappings, text
from doctor.wording import guess

_ROUTES = ("HTTPRoute", "GRPCRoute")
_REDIRECT = "RequestRedirect"


def _listeners(route: Resource, parent: dict[str, Any], manifests: Manifests) -> list[dict[str, Any]] | None:
    """The listeners that a route's parentRef names; None where the Gateway is not among the manifests."""
    namespace = text(parent, "namespace") or route.namespace
    gateway = named(manifests, "Gateway", text(parent, "name"), namespace)
    if gateway is None:
        return None
    section = text(parent, "sectionName")
    return [each for each in mappings(gateway.spec, "listeners") if section in {"", text(each, "name")}]


@resource_check("route-parent", "A route belongs to a listener that is there.", *_ROUTES)
def parent(route: Resource, manifests: Manifests) -> Iterator[Fault]:
    """The Gateway would say so in the route's status, where nobody looks."""
    for each in mappings(route.spec, "parentRefs"):
        listeners = _listeners(route, each, manifests)
        name, section = text(each, "name"), text(each, "sectionName")
        if listeners is None and manifests.of("Gateway"):
            known = [gateway.name for gateway in manifests.of("Gateway")]
            yield wrong(f"there is no Gateway {name}", guess(name, known, "correct parentRefs"))
        elif listeners is not None and not listeners:
            yield wrong(f"the Gateway {name} has no listener {section!r}", "correct sectionName")


@resource_check("route-backend", "A route leads to a port that its Service has.", *_ROUTES)
def backend(route: Resource, manifests: Manifests) -> Iterator[Fault]:
    """It names the Service's port, not the pod's."""
    for rule in mappings(route.spec, "rules"):
        for each in mappings(rule, "backendRefs"):
            yield from _leads(route, each, manifests)


def _leads(route: Resource, reference: dict[str, Any], manifests: Manifests) -> Iterator[Fault]:
    name, port = text(reference, "name"), text(reference, "port")
    namespace = text(reference, "namespace") or route.namespace
    service = named(manifests, "Service", name, namespace)
    if service is None:
        yield wrong(f"there is no Service {name}", "correct backendRefs")
    elif port not in {text(each, "port") for each in mappings(service.spec, "ports")}:
        yield wrong(f"{service} has no port {port or 'that is named'}", "name a port of the Service")


@resource_check("https-only", "Plain HTTP is redirected, and never answered.", *_ROUTES)
def https_only(route: Resource, manifests: Manifests) -> Iterator[Fault]:
    """API keys would travel for everybody to read."""
    for each in mappings(route.spec, "parentRefs"):
        listeners = _listeners(route, each, manifests) or []
        plain = [text(listener, "name") for listener in listeners if text(listener, "protocol") == "HTTP"]
        if plain and not _redirects(route):
            yield wrong(
                f"it answers at the plain listener {plain[0]!r} of {text(each, 'name')}",
                "give parentRefs the sectionName of the HTTPS listener; redirect from the plain one to scheme https",
            )


def _redirects(route: Resource) -> bool:
    rules = mappings(route.spec, "rules")
    return bool(rules) and all(any(_to_https(each) for each in mappings(rule, "filters")) for rule in rules)


def _to_https(found: dict[str, Any]) -> bool:
    return text(found, "type") == _REDIRECT and text(found, "requestRedirect", "scheme") == "https"


@resource_check("https-redirect", "Who asks over plain HTTP is sent to HTTPS.", "Gateway")
def https_redirect(gateway: Resource, manifests: Manifests) -> Iterator[Fault]:
    """A listener that nothing is attached to answers 404."""
    for listener in mappings(gateway.spec, "listeners"):
        if text(listener, "protocol") == "HTTP" and not any(
            listener in (_listeners(route, each, manifests) or [])
            for route in manifests.of("HTTPRoute")
            for each in mappings(route.spec, "parentRefs")
        ):
            yield wrong(
                f"nothing answers at its plain listener {text(listener, 'name')!r}",
                "add an HTTPRoute with a RequestRedirect to scheme https",
            )


@resource_check("tls-certificate", "An HTTPS listener has a certificate.", "Gateway")
def certificate(gateway: Resource, _: Manifests) -> Iterator[Fault]:
    """By certificateRefs, or by options of the implementation."""
    for listener in mappings(gateway.spec, "listeners"):
        tls = mapping(listener, "tls")
        encrypted = text(listener, "protocol") in {"HTTPS", "TLS"} and text(tls, "mode") != "Passthrough"
        if encrypted and not mappings(tls, "certificateRefs") and not mapping(tls, "options"):
            yield wrong(f"its listener {text(listener, 'name')!r} has no certificate", "add tls.certificateRefs")


CHECKS = [parent, backend, https_only, https_redirect, certificate]
