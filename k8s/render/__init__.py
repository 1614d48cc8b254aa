"""Renders every overlay and checks what comes out: schemas, policies, the doctor."""
