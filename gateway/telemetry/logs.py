"""The log: every line JSON or text, on standard error, without anything that a user or another program wrote."""

import logging
import sys
import threading
from types import TracebackType

from gateway.settings import Settings
from gateway.telemetry.log_lines import LineFormatter
from gateway.telemetry.log_writer import LogWriter

_log = logging.getLogger("gateway")

_STANDARD_ERROR = 2
_writer: list[LogWriter] = []  # of this process, once the log is set up


def set_up_logging(settings: Settings) -> None:
    """Send every log record, warning and uncaught exception to standard error, as the settings say."""
    if not _writer:
        _writer.append(LogWriter(_STANDARD_ERROR))
    handler = _Handler(_writer[0])
    handler.setFormatter(LineFormatter(json=settings.log_format == "json"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for ours in ("gateway", "preprocessing"):
        logging.getLogger(ours).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def writer() -> LogWriter | None:
    """Return what writes this process's log; None where no log is set up."""
    return _writer[0] if _writer else None


class _Handler(logging.Handler):
    def __init__(self, writer: LogWriter) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception as error:  # noqa: BLE001  logging's own report of it would show the arguments
            line = f'{{"level":"error","logger":"{record.name}","message":"{type(error).__name__} in a log message"}}'
        self._writer.put(line.encode("utf-8", "backslashreplace") + b"\n")

    def flush(self) -> None:
        self._writer.flush()


def _uncaught(kind: type[BaseException], value: BaseException | None, trace: TracebackType | None) -> None:
    # Python's own report would show the exception's text, which may repeat what a user sent.
    _log.critical("uncaught exception", exc_info=(kind, value or kind(), trace))
