"""What runs the service on Kubernetes: images, manifests, monitoring, Azure; and the code that checks them."""
