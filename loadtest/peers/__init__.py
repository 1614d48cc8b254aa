"""Services that the benchmark compares with, each written as its users would write it."""
