"""The peer: the same ONNX file behind FastAPI, as most services of this kind are written.

A file upload into a `def` endpoint (FastAPI runs it in its thread pool), Pillow, ONNX Runtime in the handler, pydantic
models for the reply, uvicorn with worker processes:

    MODEL_FOLDER=model_repository/resnet152/1 uvicorn loadtest.peers.fastapi_images:app --workers 2
"""

import json
import os
from pathlib import Path
from typing import Annotated

import numpy as np
import onnxruntime as ort
from fastapi import FastAPI, HTTPException, Query, UploadFile
from PIL import Image, UnidentifiedImageError
from pydantic import BaseModel

FOLDER = Path(os.environ["MODEL_FOLDER"])
CARD = json.loads((FOLDER / "model.json").read_text())
LABELS = [line.split(maxsplit=1) for line in (FOLDER / "labels.txt").read_text().splitlines()]
RESIZE, CROP = CARD["preprocessing"]["resize"], CARD["preprocessing"]["crop"]
FILTER = Image.Resampling[CARD["preprocessing"]["filter"].upper()]

session = ort.InferenceSession(FOLDER / "model.onnx", providers=["CPUExecutionProvider"])

app = FastAPI(title="Image classification")


class Class(BaseModel):
    """A class and its probability."""

    wnid: str
    label: str
    probability: float


class Reply(BaseModel):
    """The best classes, best first."""

    classes: list[Class]


def preprocess(picture: Image.Image) -> np.ndarray:
    """Resize the shorter side and cut out the middle, as torchvision does."""
    picture = picture.convert("RGB")
    shorter = min(picture.size)
    width, height = (RESIZE if side == shorter else int(RESIZE * side / shorter) for side in picture.size)
    picture = picture.resize((width, height), FILTER)
    left, top = round((width - CROP) / 2), round((height - CROP) / 2)
    return np.asarray(picture.crop((left, top, left + CROP, top + CROP)))


@app.post("/v1/images/classify")
def classify(image: UploadFile, top_k: Annotated[int, Query(ge=1, le=1000)] = 3) -> Reply:
    """Return the best classes of a picture."""
    try:
        tensor = preprocess(Image.open(image.file))
    except (UnidentifiedImageError, OSError) as error:
        raise HTTPException(422, "This is no picture.") from error
    (probabilities,) = session.run(["probabilities"], {"image": tensor[np.newaxis]})
    best = np.argsort(probabilities[0])[::-1][:top_k]
    return Reply(
        classes=[Class(wnid=LABELS[i][0], label=LABELS[i][1], probability=probabilities[0][i]) for i in best.tolist()]
    )
