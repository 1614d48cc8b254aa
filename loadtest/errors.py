"""What can go wrong in a load test, and what to do about it."""


class LoadTestError(Exception):
    """A measurement cannot be made or must not be believed; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint

    def __reduce__(self) -> tuple[type["LoadTestError"], tuple[str, str]]:
        # Load generators raise it in processes of their own.
        return type(self), (str(self), self.hint)
