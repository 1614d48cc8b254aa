"""The peer: the same ONNX file behind FastAPI, as most services of this kind are written.

A `def` endpoint (FastAPI runs it in its thread pool), pydantic models for request and reply, ONNX Runtime in the
handler, uvicorn with worker processes:

    MODEL_FOLDER=model_repository/faq_matcher/1 uvicorn loadtest.peers.fastapi_faq:app --workers 2
"""

import json
import os
from pathlib import Path

import numpy as np
import onnxruntime as ort
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

from preprocessing.text import canonical

FOLDER = Path(os.environ["MODEL_FOLDER"])
CARD = json.loads((FOLDER / "model.json").read_text())
CATALOG = {entry["id"]: entry for entry in map(json.loads, (FOLDER / "catalog.jsonl").read_text().splitlines())}

# ONNX Runtime's own choice of threads: one per worker was tried and is not faster.
session = ort.InferenceSession(FOLDER / "model.onnx", providers=["CPUExecutionProvider"])

app = FastAPI(title="FAQ matching")


class MatchRequest(BaseModel):
    """One question."""

    question: str = Field(min_length=1, max_length=20_000)
    top_k: int = Field(3, ge=1, le=CARD["top_k"])


class Match(BaseModel):
    """A FAQ entry and its probability."""

    id: int
    question: str
    answer_id: int
    answer: str
    probability: float


class Model(BaseModel):
    """The model version that answered."""

    name: str
    version: str


class MatchReply(BaseModel):
    """The best entries, best first."""

    matches: list[Match]
    good_match: bool
    model: Model


@app.post("/v1/faq/match")
def match(request: MatchRequest) -> MatchReply:
    """Rank the FAQ entries for a question."""
    text = canonical(request.question)
    if not text:
        raise HTTPException(422, "The question holds no word.")
    ids, probabilities = session.run(["ids", "probabilities"], {"question": np.array([[text]], dtype=object)})
    best = list(zip(ids[0].tolist(), probabilities[0].tolist(), strict=True))[: request.top_k]
    return MatchReply(
        matches=[Match(**CATALOG[entry], probability=probability) for entry, probability in best],
        good_match=best[0][1] >= CARD["threshold"],
        model=Model(name=CARD["model"], version=str(CARD["version"])),
    )
