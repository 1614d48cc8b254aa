"""What is going on in a cluster, and which alerts fire then: a module for each file of rules."""
