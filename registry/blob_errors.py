"""What Azure's errors mean for whoever pushes and pulls, and what to do about them."""

from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
)

from registry.errors import AccessError, NotFoundError, RegistryError, UnavailableError

_ROLES = (
    "ask for a role on the container: Storage Blob Data Reader to list, verify and pull, Storage Blob Data Contributor "
    "to push, tag and prune; a role works some minutes after it was given"
)
_IDENTITY = (
    "in a pod: see that its service account has the annotation azure.workload.identity/client-id, the pod the label "
    "azure.workload.identity/use and the identity a federated credential; elsewhere: az login"
)
_NETWORK = "see that the storage account's firewall or private endpoint lets this network in"
_IMMUTABLE = "Immutab"  # BlobImmutableDueToPolicy and its like
_LATER = 500  # and above: the service's own failures


@contextmanager
def translated(store: str, name: str = "") -> Iterator[None]:
    """Raise a RegistryError for Azure's; a condition that does not hold passes, as its meaning is the caller's."""
    try:
        yield
    except AzureError as error:
        if taken(error) or isinstance(error, ResourceModifiedError):
            raise
        raise _translation(error, f"{store}/{name}".rstrip("/"), store) from error


def taken(error: AzureError) -> bool:
    """Tell whether something is there where nothing was to be; the SDK says so of all conflicts."""
    return isinstance(error, ResourceExistsError) and code(error) == "BlobAlreadyExists"


@contextmanager
def immutable() -> Iterator[None]:
    """Let a write go that an immutability policy forbids."""
    try:
        yield
    except HttpResponseError as error:
        if _IMMUTABLE not in code(error):
            raise


def code(error: HttpResponseError) -> str:
    """Return the service's word for an error: an enumeration's value where the SDK knows it."""
    found = getattr(error, "error_code", None)
    return str(getattr(found, "value", found) or "")


def _translation(error: AzureError, what: str, store: str) -> RegistryError:
    if isinstance(error, ClientAuthenticationError):
        return AccessError(f"{store} knows no identity of ours: {_attempts(error)}", _IDENTITY)
    if isinstance(error, HttpResponseError) and error.status_code is not None:
        return _refusal(error, error.status_code, what, store)
    return UnavailableError(f"{store} cannot be reached: {_line(error)}", f"{_NETWORK}; HTTPS_PROXY is honoured")


def _refusal(error: HttpResponseError, status: int, what: str, store: str) -> RegistryError:
    reason = code(error)
    if status == 404:
        return _missing(reason, what, store)
    if status == 403:
        hint = f"{_NETWORK}, or {_ROLES}" if reason == "AuthorizationFailure" else _ROLES
        return AccessError(f"{store} refuses it: 403 {reason}", hint)
    if _IMMUTABLE in reason:
        return AccessError(f"{what} must not be changed: {reason}", "its immutability policy forbids it for now")
    if status >= _LATER or status in {408, 429}:
        return UnavailableError(f"{store} is busy or down: {status} {reason}", "try again later")
    return RegistryError(f"{what}: {status} {reason}: {_line(error)}", _NETWORK)


def _missing(reason: str, what: str, store: str) -> NotFoundError:
    if reason == "ContainerNotFound":
        return NotFoundError(f"there is no container {store}", "create it: az storage container create")
    return NotFoundError(f"{what} is missing", f"scoring models list --store {store} shows what there is")


def _attempts(error: ClientAuthenticationError) -> str:
    """Return what became of each credential that was tried: lines that begin with a tab, without links."""
    tried = [line.split(". ")[0].strip() for line in (error.message or "").splitlines() if line.startswith("\t")]
    return "; ".join(attempt[:200] for attempt in tried) or _line(error)


def _line(error: AzureError) -> str:
    return (error.message or type(error).__name__).strip().splitlines()[0][:300]
