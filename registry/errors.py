"""What can go wrong with releases, with the exit code that tells it.

RegistryError            2  it could not be done
├── NotFoundError        2  no such release, tag, file or container
├── AccessError          2  the store does not let us in
├── UnavailableError     2  the store cannot be reached now
├── TargetError          2  the local folder cannot take the release
├── RefusedError         1  the model repository is not fit to be released
├── IntegrityError       1  content is not what its hash or its document says
└── ConflictError        1  somebody else changed it meanwhile
"""


class RegistryError(Exception):
    """One line that says what is wrong, and a hint that says what to do about it."""

    exit_code = 2
    passing = False
    """Whether the same command may work a moment later."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(" ".join(message.split()))
        self.hint = " ".join(hint.split())


class NotFoundError(RegistryError):
    """The store has no such release, tag, file or container; one may be pushed any moment."""

    passing = True


class AccessError(RegistryError):
    """The store does not let us in; a role that was just given takes minutes to work."""

    passing = True


class UnavailableError(RegistryError):
    """The store cannot be reached, or asks us to come back later."""

    passing = True


class TargetError(RegistryError):
    """The local folder cannot take the release: full, read-only, or something else lies there."""


class RefusedError(RegistryError):
    """The model repository is not fit to be released."""

    exit_code = 1


class IntegrityError(RegistryError):
    """Content is not what its hash or its document says: damaged, or forged."""

    exit_code = 1


class ConflictError(RegistryError):
    """Somebody else changed it meanwhile."""

    exit_code = 1
