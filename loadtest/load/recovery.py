"""Between two steps: what the one before left behind in the service is to be worked off."""

from time import monotonic, sleep

from loadtest.bench import OnStep
from loadtest.errors import LoadTestError
from loadtest.load.interrupts import Interrupts
from loadtest.load.service import Service

LONGEST = 20.0  # seconds
_TIMES, _AT_LEAST = 2.0, 0.01  # a request is fast again at so many times what it took before, or so many seconds
_PAUSE = 0.1


def wait_until_fast(
    service: Service, usual: float, on_step: OnStep, interrupts: Interrupts, longest: float = LONGEST
) -> None:
    """Return once a lone request is about as fast as before the load (`usual` seconds), or after `longest` seconds.

    Raises LoadTestError when none has been answered until then.
    """
    until = monotonic() + longest
    answered = False
    while not interrupts.happened:
        try:
            seconds = service.ask().seconds
        except LoadTestError as error:  # refused or late, as overloaded services do
            if monotonic() > until and not answered:
                raise LoadTestError(f"the service has not recovered from the load: {error}", error.hint) from None
        else:
            answered = True
            if seconds <= max(_AT_LEAST, _TIMES * usual):
                return
        if monotonic() > until:
            return
        on_step("letting the service recover", 0, 1)
        sleep(_PAUSE)
