"""The exchanges of one connection, in the order of their requests: one runs, the others wait."""

from collections import deque

from gateway.asgi import App
from gateway.http1.exchange import Exchange
from gateway.http1.shared import Shared


class Pipeline:
    """What is being answered on a connection, and what comes next."""

    def __init__(self, shared: Shared) -> None:
        self.running: Exchange | None = None
        self.newest: Exchange | None = None  # the one whose body is read
        self.waiting: deque[tuple[Exchange, App]] = deque()
        self._shared = shared

    def add(self, exchange: Exchange, app: App) -> None:
        """Begin an exchange once all before it have ended."""
        self.newest = exchange
        if self.running is None:
            self._begin(exchange, app)
        else:
            self.waiting.append((exchange, app))

    def replied(self) -> None:
        """Go on to the next exchange: the one that runs has had its reply."""
        self.running = None
        if self.waiting:
            self._begin(*self.waiting.popleft())

    def retire(self) -> None:
        """Make the newest exchange the last."""
        if self.newest is not None:
            self.newest.keep_alive = False

    def withdraw(self) -> bool:
        """Take back the newest exchange, whose body is faulty; return whether another reply can be given."""
        if self.waiting:
            self.waiting.pop()
            return True
        if self.running is None or self.running.response_started:
            return False
        self.give_up()
        return True

    def give_up(self) -> None:
        """Let what runs end without a reply."""
        exchange, self.running = self.running, None
        if exchange is None:
            return
        exchange.disconnected = True
        exchange.message_event.set()
        if exchange.task is not None:
            exchange.task.cancel()

    def _begin(self, exchange: Exchange, app: App) -> None:
        self.running = exchange
        exchange.task = task = self._shared.loop.create_task(exchange.run_asgi(app))
        self._shared.tasks.add(task)
        task.add_done_callback(self._shared.tasks.discard)
