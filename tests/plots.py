"""Draw a plot as a notebook does: no warning, nothing left open, axes that say what they are and in which unit."""

import warnings

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot as plt

from genrelib.figures.style import set_style

MEASURED = ("Accuracy", "Frequency", "Level", "Loss", "Mean silhouette", "Probability", "Recall", "Tempo", "Time")


def drawn(plot, *args, **keywords):
    """Call a plot, look at what every plot must hold to, and give its axes that are no colour bars."""
    with warnings.catch_warnings(), plt.rc_context():
        warnings.simplefilter("error")
        set_style()
        figure = plot(*args, **keywords)
        figure.canvas.draw()
    assert plt.get_fignums() == [], "a figure that pyplot still holds is drawn twice in a notebook"
    axes = [axis for axis in figure.axes if axis.get_visible()]
    labels = [axis.get_xlabel() for axis in axes], [axis.get_ylabel() for axis in axes]
    assert any(labels[0]) or figure.get_supxlabel()
    assert any(labels[1]) or figure.get_supylabel() or any(list(axis.get_yticklabels()) for axis in axes)
    for label in [*labels[0], *labels[1]]:
        assert "(" in label or not label.startswith(MEASURED), f"{label!r} names no unit"
    return [axis for axis in axes if axis.get_label() != "<colorbar>"]


def words(axis):
    """What is written in a panel, on its ticks and in its figure's legends."""
    texts = [*axis.texts, *axis.get_xticklabels(), *axis.get_yticklabels()]
    return [text.get_text() for text in (*texts, *(one for box in axis.figure.legends for one in box.get_texts()))]


def marks(axis, label):
    """Where the points of one label stand [n, 2]."""
    return np.concatenate([line.get_xydata() for line in axis.lines if line.get_label() == label])


def bars(axis, side="height"):
    return [getattr(bar, f"get_{side}")() for bar in axis.patches]
