"""Draws the dashboards without Grafana, from what a Prometheus has seen: a picture for documents and for changes."""
