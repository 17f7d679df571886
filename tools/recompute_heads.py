"""Rebuild what the classifiers' cards say from the probabilities of each song, with NumPy and pandas alone."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

WEIGHTS = Path(__file__).resolve().parent.parent / "genrelib/classify/weights"


def check_heads(report, folder, artists, recompute):
    """Rebuild accuracy, first three, their intervals, calibration error and songs from elsewhere; give how many cards.

    Parameters
    ----------
    report : recompute.Report
    folder : Path
        ``results/classifiers``: ``<card>.csv``, songs of gtzan_160; ``<card>-elsewhere.csv``, songs of another
        collection; ``<card>-table.csv`` where rows of the public table are what its calibration is of.
    artists : dict of str to str
        Track → artist.
    recompute : module
    """
    paths = [path for path in sorted(folder.glob("*.csv")) if (WEIGHTS / f"{path.stem}.json").is_file()]
    for path in paths:
        card = json.loads((WEIGHTS / f"{path.stem}.json").read_text(encoding="utf-8"))
        accuracy, calibration = card["accuracy"], card["calibration"]
        counted, p = answers(path)
        for name, hits in {"track": counted["hit"], "track_top3": among_three(counted, p)}.items():
            where = f"{path.stem}, {name}"
            report.compare(where, accuracy[name], float(np.mean(hits)), recompute.NEAR)
            rows = counted.assign(hit=hits)
            rows.attrs["test"] = ()  # one part
            ends = recompute.interval([rows], artists, "accuracy", [])
            for end, kept, made in zip(("low", "high"), accuracy[f"{name}_ci95"], ends, strict=True):
                report.compare(f"{where}, {end} end", kept, float(made), recompute.NEAR_END)
        of_table = path.with_stem(f"{path.stem}-table")
        error = calibration_error(*answers(of_table if of_table.is_file() else path))
        report.compare(f"{path.stem}, calibration error", calibration["error"], error, recompute.NEAR)
        counted, p = answers(path.with_stem(f"{path.stem}-elsewhere"))
        right = {"right": counted["hit"], "top3": among_three(counted, p)}
        for name, hits in right.items():
            report.compare(f"{path.stem} elsewhere, {name}", card["elsewhere"][name], int(hits.sum()), recompute.NEAR)
    return len(paths)


def answers(path):
    """Give a row a song, with its true genre, the one named, and whether that hits; and the probabilities [n, 10]."""
    table = pd.read_csv(path, index_col="track_id")
    p, genres = table.to_numpy(), list(table.columns)
    true = np.array([genres.index(track.partition(".")[0]) for track in table.index])
    return pd.DataFrame({"track_id": table.index, "true": true, "hit": p.argmax(axis=1) == true}), p


def among_three(counted, p):
    """Tell of each song whether its true genre is among the three likeliest."""
    return (np.argsort(-p, axis=1, kind="stable")[:, :3] == counted["true"].to_numpy()[:, None]).any(axis=1)


def calibration_error(counted, p):
    """Give the mean distance, over ten equal bins, of what is said from how often it is right."""
    said, right = p.max(axis=1), counted["hit"].to_numpy(dtype=float)
    bins = np.minimum((said * 10).astype(int), 9)
    gaps = [abs(said[bins == b].mean() - right[bins == b].mean()) * np.mean(bins == b) for b in np.unique(bins)]
    return float(np.sum(gaps))
