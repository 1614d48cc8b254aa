"""What is sent, kept no longer than needed."""


class Outgoing:
    """A message until it is sent.

    A call of grpc.aio is part of a reference cycle and holds what it was given until the garbage collector comes:
    megabytes of pixels each, which add up while the collector is calm.
    """

    __slots__ = ("_message",)

    def __init__(self, message: bytes) -> None:
        self._message = message

    def take(self) -> bytes:
        """Return the message, once."""
        message, self._message = self._message, b""
        return message
