"""The only package that knows Triton: raw KServe v2 messages over gRPC, and what its errors mean.

Protocol: https://github.com/kserve/open-inference-protocol (gRPC), with tensors in `raw_input_contents` and
`raw_output_contents`.
"""
