"""Open-loop load: requests arrive when they arrive, whether or not the service keeps up."""
