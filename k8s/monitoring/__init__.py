"""Rules, dashboards and log queries, generated from one source each."""
