"""What predictions cost: measured throughputs, and a file of prices."""
