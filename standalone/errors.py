"""What can stop the stack from starting, as plain data.

StandaloneError      base: one line that says what is wrong, one that says what to do
├── SetupError       the machine, a file or an option: found before a process is started
└── StartError       a process was started and did not become ready
"""


class StandaloneError(Exception):
    """The stack cannot start; `hint` says what to do about it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class SetupError(StandaloneError):
    """Something that must be there is missing, wrong or in use."""


class StartError(StandaloneError):
    """A process ended, or did not answer, before it was ready."""
