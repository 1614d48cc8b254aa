"""What `loadtest/locustfile.py` stands on: clients that Locust counts, inputs, load shapes, objectives."""
