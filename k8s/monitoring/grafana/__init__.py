"""The Grafana dashboards: what they show stands in one module each, from which the JSON files are generated."""
