"""Plots of what a model says of songs: genre probabilities over time, and several songs beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genrelib.figures.audio import draw_wave
from genrelib.figures.style import INK, PALE, canvas, genre_colour

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genrelib.classify.classifier import Answer


def genre_timeline(samples: np.ndarray, sample_rate: int, answer: Answer, *, title: str = "") -> Figure:
    """Draw a song's waveform over the probability of each genre, slice by slice."""
    genres, table = list(answer.probabilities), answer.timeline
    figure, (top, bottom) = canvas(2, 1, height=4.6, sharex=True, height_ratios=(1, 2))
    draw_wave(top, samples, sample_rate)
    top.set(ylabel="Amplitude")
    top.set_title(title, parse_math=False)  # two $ in the name of a song are no formula
    floor = np.zeros(len(table))
    for genre in sorted(genres, key=lambda name: -answer.probabilities[name]):
        share = table[genre].fillna(0).to_numpy()
        width = (table["end"] - table["start"]).to_numpy()
        bottom.bar(table["start"], share, width=width, bottom=floor, align="edge", color=genre_colour(genre, genres),
                   edgecolor="white", linewidth=0.4, label=genre)  # fmt: skip
        floor = floor + share
    for row in table[table[genres[0]].isna()].itertuples():
        bottom.axvspan(row.start, row.end, facecolor="white", edgecolor="#cccccc", hatch="////", linewidth=0)
    end = max(len(samples) / sample_rate, table["end"].max())
    bottom.set(xlabel="Time (s)", ylabel="Probability (share)", ylim=(0, 1), xlim=(0, end))
    figure.legend(*bottom.get_legend_handles_labels(), loc="outside right center")
    return figure


def songs_compared(answers: dict[str, Answer], *, title: str = "") -> Figure:
    """Draw genre probabilities, a bar a song, or a bar a model, each with the genres that it knows."""
    genres = list(dict.fromkeys(genre for answer in answers.values() for genre in answer.probabilities))
    figure, axis = canvas(height=1.6 + 0.55 * len(answers))
    left, names = np.zeros(len(answers)), list(answers)
    for genre in genres:
        shares = np.array([answers[name].probabilities.get(genre, 0.0) for name in names])
        axis.barh(names, shares, left=left, color=genre_colour(genre, genres), edgecolor="white", label=genre)
        for place, (start, share) in enumerate(zip(left, shares, strict=True)):
            if share > 0.12:
                words = f"{genre} {share:.0%}"
                colour = _readable(genre_colour(genre, genres))
                axis.text(start + share / 2, place, words, ha="center", va="center", color=colour, fontsize=9)
        left = left + shares
    axis.set(xlabel="Probability (share)", xlim=(0, 1), title=title)
    axis.invert_yaxis()
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return figure


def how_far_to_trust(card: dict, *, title: str = "") -> Figure:
    """Draw what a card says of its model: how often songs of each genre are named rightly, and whether it knows.

    Parameters
    ----------
    card : dict
        With ``accuracy`` and its ``recall``, and with ``calibration``: the card of a model that comes with genrelib.
    title : str
    """
    accuracy, curve = card["accuracy"], card["calibration"]["curve"]
    genres, recall = list(accuracy["recall"]), np.array(list(accuracy["recall"].values()))
    order = np.argsort(recall, kind="stable")
    figure, (left, right) = canvas(1, 2, height=4.2, width_ratios=(3, 2))
    names = [genres[place] for place in order]
    left.barh(names, recall[order], color=[genre_colour(name, genres) for name in names], edgecolor=INK, linewidth=0.6)
    left.axvline(accuracy["track"], color=INK, label=f"all songs: {accuracy['track']:.2f}")
    left.axvline(1 / len(genres), color=PALE, linestyle="--", label=f"chance: {1 / len(genres):.2g}")
    left.set(xlabel="Songs of the genre named rightly (share)", ylabel="Genre", xlim=(0, 1), title=title)
    says, share, n = (np.array([row[name] for row in curve]) for name in ("says", "right", "n"))
    right.plot((0, 1), (0, 1), color=PALE, linestyle="--", label="says what is so")
    right.plot(says, share, color=INK, linewidth=1.2)
    right.scatter(says, share, s=8 + 250 * n / n.max(), color=INK, alpha=0.6, label="the larger, the more songs")
    right.set(xlabel="Probability of the first genre (share)", ylabel="Named rightly (share)", xlim=(0, 1),
              ylim=(-0.04, 1.04))  # fmt: skip
    left.legend(loc="lower right", fontsize=9, frameon=True, facecolor="white", edgecolor="none", framealpha=1)
    right.legend(loc="lower right", fontsize=9)
    return figure


def _readable(colour):
    """White on what is dark, by the luminance of ITU-R BT.709."""
    from matplotlib.colors import to_rgb

    return "white" if np.dot(to_rgb(colour), (0.2126, 0.7152, 0.0722)) < 0.4 else INK
