"""Load drivers, benchmarks and the peers they compare with."""
