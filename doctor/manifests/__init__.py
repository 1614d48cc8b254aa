"""Rendered Kubernetes manifests: read with care, judged elsewhere."""
