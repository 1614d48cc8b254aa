"""A picture of an evaluation: whether stated probabilities are true, and how far down the right answer is."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from converters.faq.evaluation import Evaluation

BLUE, GREY, ORANGE = "#1f5fa8", "#9aa3ad", "#d9772b"


def plot(evaluation: Evaluation, path: Path) -> None:
    """Write a PNG with the reliability diagram and accuracy@k."""
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    _reliability(left, evaluation)
    _accuracy(right, evaluation)
    figure.suptitle(f"FAQ matching: {evaluation.n:,} held-out questions, {evaluation.entries:,} entries")
    figure.savefig(path, dpi=130)


def _reliability(axes: Axes, evaluation: Evaluation) -> None:
    stated, seen, counts = zip(*evaluation.reliability, strict=True)
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="perfectly calibrated")
    axes.plot(stated, seen, color=BLUE, linewidth=0.8, alpha=0.5)
    largest = max(counts)
    sizes = [12 + 160 * count / largest for count in counts]
    axes.scatter(stated, seen, s=sizes, color=BLUE, label="answers (area: how many)", zorder=3)
    axes.axvline(evaluation.threshold, color=ORANGE, linewidth=1, label="good match from here")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="stated probability of the best match", ylabel="share that is right")
    axes.set_title(f"Reliability (expected calibration error {evaluation.calibration_error:.3f})", fontsize=10)
    axes.legend(loc="upper left", fontsize=8, frameon=False)


def _accuracy(axes: Axes, evaluation: Evaluation) -> None:
    ranks = range(1, len(evaluation.accuracy) + 1)
    axes.plot(ranks, evaluation.accuracy, color=BLUE, marker="o", markersize=4)
    for k in (1, 3):
        if k <= len(evaluation.accuracy):
            value = evaluation.accuracy[k - 1]
            axes.annotate(f"{value:.1%}", (k, value), xytext=(8, -12), textcoords="offset points", fontsize=9)
    axes.set(xlabel="k", ylabel="right entry among the k best", ylim=(min(0.5, evaluation.accuracy[0] - 0.02), 1.005))
    axes.set_xticks([k for k in (1, 2, 3, 5, 10, 15, 20) if k <= len(evaluation.accuracy)])
    axes.set_title("Accuracy@k", fontsize=10)
    axes.grid(axis="y", color="#e5e8eb")
