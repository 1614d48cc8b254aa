"""What keeps `scoring render` from looking at anything."""


class RenderError(Exception):
    """Nothing can be rendered or checked: one line, and a `hint` that says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(" ".join(message.split()))
        self.hint = hint
