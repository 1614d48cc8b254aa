"""A worker without servers: counts requests as standard input tells it, and answers scrapes on standard output.

Run as `python -m tests.gateway.telemetry.worker_process FOLDER NUMBER`. Lines of input: `count N`, `scrape`.
"""

import asyncio
import sys
from pathlib import Path

from gateway.settings import Settings
from gateway.telemetry.telemetry import Telemetry
from tests.gateway.telemetry.made_calls import made_call


async def main(folder: Path, number: int) -> None:
    """Do as standard input says, until it ends."""
    telemetry = Telemetry(Settings(), folder=folder, worker=number)
    telemetry.watch("scoring_waiting", {"model": "faq"}, lambda: number + 1)
    await telemetry.start()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        word, *rest = line.split()
        if word == "count":
            for _ in range(int(rest[0])):
                telemetry.ended(made_call())
            print("counted", flush=True)
        else:
            text = telemetry.exposition()
            print(len(text), flush=True)
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()
    await telemetry.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
