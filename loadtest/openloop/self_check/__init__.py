"""The open-loop HTTP driver under test: how fast it is, and whether its latencies are those that others see."""
