"""The design of 2019: Keras' own ResNet-152, asked for one picture at a time, behind Flask, served by gunicorn.

The network has random weights of its own: TensorFlow's speed does not depend on them, and its answers are compared with
nothing.

    MODEL_FOLDER=model_repository/resnet152/1 \
        gunicorn --workers 1 --worker-class gthread --threads 1 loadtest.peers.flask_2019_images:app

One worker, because TensorFlow takes all cores for one picture. It answers one request at a time, as gunicorn's sync
workers did in Azure ML's images; there nginx kept clients' connections open, which gthread does itself.
"""

import os
from pathlib import Path
from time import perf_counter

import numpy as np
from flask import Flask, Response, jsonify, request
from keras.applications import ResNet152
from keras.applications.resnet import preprocess_input
from PIL import Image

FOLDER = Path(os.environ["MODEL_FOLDER"])
LABELS = [line.split(maxsplit=1) for line in (FOLDER / "labels.txt").read_text().splitlines()]
SIZE = (224, 224)

model = ResNet152(weights=None)
model.predict_on_batch(np.zeros((1, *SIZE, 3), np.float32))  # compiles
app = Flask(__name__)


@app.get("/")
def health() -> Response:
    """Say that the model is there."""
    return jsonify("Healthy")


@app.post("/score")
def score() -> Response:
    """Return [wnid, label, probability] of the three best classes of each file in a form, and the time it took."""
    start = perf_counter()
    found = {name: classes(Image.open(file)) for name, file in request.files.items()}
    return jsonify([found, f"Computed in {(perf_counter() - start) * 1e3:.2f} ms"])


def classes(picture: Image.Image) -> list[tuple[str, str, float]]:
    """Return the three best classes of a picture, best first."""
    pixels = np.asarray(picture.convert("RGB").resize(SIZE), np.float32)
    (probabilities,) = model.predict_on_batch(preprocess_input(pixels[np.newaxis].copy()))
    best = np.argsort(probabilities)[::-1][:3]
    return [(*LABELS[place], float(probabilities[place])) for place in best]
