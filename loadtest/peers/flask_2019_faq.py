"""The design of 2019: a classifier looks at pairs of questions, behind Flask, served by gunicorn.

For each question that comes in, every entry makes a pair with it; TF-IDF of both texts side by side goes into gradient
boosting, which says how probable it is that the two ask for the same; the entries are returned, best first. Two things
differ from then: scikit-learn's gradient boosting stands in for LightGBM's, and pairs are a list, not a pandas frame.

    MODEL_FOLDER=model_repository/faq_matcher/1 DUPLICATES=converters/faq/sample/duplicates.tsv \
        gunicorn --preload --workers 2 --worker-class gthread --threads 1 loadtest.peers.flask_2019_faq:app

A worker answers one request at a time, as gunicorn's sync workers did in Azure ML's images; there nginx kept clients'
connections open, which gthread does itself.
"""

import csv
import json
import os
from pathlib import Path

import numpy as np
from flask import Flask, Response, jsonify, request
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from preprocessing.text import canonical

FOLDER = Path(os.environ["MODEL_FOLDER"])
DUPLICATES = [Path(name) for name in os.environ["DUPLICATES"].split(os.pathsep)]
CATALOG = [json.loads(line) for line in (FOLDER / "catalog.jsonl").read_text().splitlines()]
ENTRIES = [canonical(entry["question"]) for entry in CATALOG]
OTHERS = 10  # pairs of a duplicate with entries that it does not ask for


def tfidf(side: int) -> Pipeline:
    """Return the features of one text of each pair."""
    pick = FunctionTransformer(lambda pairs: [pair[side] for pair in pairs])
    return Pipeline([("pick", pick), ("tfidf", TfidfVectorizer(ngram_range=(1, 2)))])


def examples() -> tuple[list[tuple[str, str]], list[bool]]:
    """Return pairs to learn from, and whether the two ask for the same."""
    places = {str(entry["answer_id"]): place for place, entry in enumerate(CATALOG)}
    random = np.random.default_rng(0)
    pairs, same = [], []
    for row in (row for file in DUPLICATES for row in csv.DictReader(file.open(newline=""), dialect="excel-tab")):
        right = places.get(row.get("AnswerId"))
        if right is not None:
            text = canonical(row["Text0"])
            for place in (right, *random.integers(len(ENTRIES), size=OTHERS)):
                pairs.append((text, ENTRIES[place]))
                same.append(place == right)
    if not pairs:
        raise SystemExit(
            f"no question in {', '.join(map(str, DUPLICATES))} has the AnswerId of an entry in {FOLDER}: --no-peers"
        )
    return pairs, same


def train() -> Pipeline:
    """Return the fitted pipeline."""
    features = FeatureUnion([("asked", tfidf(0)), ("known", tfidf(1))])
    model = Pipeline([("features", features), ("boosting", GradientBoostingClassifier(max_features="sqrt"))])
    return model.fit(*examples())


model = train()
app = Flask(__name__)


@app.get("/")
def health() -> Response:
    """Say that the model is there."""
    return jsonify("Healthy")


@app.post("/score")
def score() -> Response:
    """Return [id, answer id, probability] of every entry, best first."""
    text = canonical(request.get_json()["input"])
    probabilities = model.predict_proba([(text, entry) for entry in ENTRIES])[:, 1].tolist()
    rows = [(entry["id"], entry["answer_id"], value) for entry, value in zip(CATALOG, probabilities, strict=True)]
    return jsonify(sorted(rows, key=lambda row: row[2], reverse=True))
