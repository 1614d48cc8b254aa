"""`scoring load`: open-loop load on a service, a ramp to its limit, reports to look at and to compare."""
