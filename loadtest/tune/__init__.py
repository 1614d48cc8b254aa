"""`scoring tune`: the batch config that suits a model, a machine and a latency limit, found by measuring."""
