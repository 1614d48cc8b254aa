"""`scoring doctor`: what is wrong or risky in a model repository, settings and manifests, in plain words."""
