"""What runs the service on Kubernetes: images, manifests, monitoring, Azure infrastructure; and the code that checks them."""
