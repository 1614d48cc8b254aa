"""What requests go through while parts of the service are killed, stopped or replaced."""
