"""Updates as Kubernetes does them, on one machine and under load: whether any request is lost."""
