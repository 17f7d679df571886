"""Rebuild every figure of the committed results from predictions, curves and index.csv: ``python tools/recompute.py``.

It takes nothing of genrelib, so that a fault there cannot hide: NumPy, pandas and scikit-learn alone. A figure may
differ from its record by .0005, the end of an interval, from 10,000 draws of its own, by .01. It prints the largest
difference, says which figures follow from no file beside the record, and ends with 1 where one is beyond.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from recompute_heads import check_heads
from recompute_table import check_happy, check_table
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, silhouette_samples

CHECKOUT = Path(__file__).resolve().parent.parent
INDEX = CHECKOUT / "genrelib/data/gtzan/index.csv"
N_DRAWS = 10_000
NEAR, NEAR_END = 0.0005, 0.01
APART = ("artist", "fault_filtered")  # splits that keep artists apart
MACRO = {"average": "macro", "zero_division": 0}
METRICS = {
    "accuracy": lambda true, given, own: accuracy_score(true, given),
    "macro_f1": lambda true, given, own: f1_score(true, given, labels=own, **MACRO),
    "macro_precision": lambda true, given, own: precision_score(true, given, labels=own, **MACRO),
    "macro_recall": lambda true, given, own: recall_score(true, given, labels=own, **MACRO),
    "weighted_f1": lambda true, given, own: f1_score(true, given, labels=own, average="weighted", zero_division=0),
}
OF_SEVERAL = {"idc-best-genre": ("idc-raw-cnn1d", "idc-mel-cnn1d", "idc-mel-cnn2d")}  # claim → those it is read off
READ_OFF = dict.fromkeys(
    ("toronto-best-genres", "toronto-weak-genres", "toronto-confusions"), "toronto-mlp-new-accuracy"
)  # the same predictions
FROM_CURVES = {"training_loss": lambda curves: curves["loss"].min()}


def predictions(folder, claim, unit, seed, part=""):
    """Read the predictions of one training; None where there is none."""
    path = folder / "predictions" / f"{claim}-{unit}-{seed}{part}.parquet"
    return pd.read_parquet(path) if path.is_file() else None


def votes(frame, level):
    """Give a row a slice or a track: track_id, true, the votes for each genre, the genre that was named."""
    columns = [name for name in frame.columns if re.fullmatch(r"p\d+", name)]
    p = frame[columns].to_numpy(np.float64) if columns else np.eye(int(frame["named"].max()) + 1)[frame["named"]]
    ids, true = frame["track_id"].to_numpy(), frame["true"].to_numpy()
    if level != "slice":
        ids, first, place = np.unique(ids, return_index=True, return_inverse=True)
        mean = np.zeros((len(ids), p.shape[1]))
        np.add.at(mean, place, p)
        mean /= np.bincount(place)[:, None]
        if level == "majority":
            counts = np.zeros_like(mean)
            np.add.at(counts, (place, p.argmax(axis=1)), 1)
            mean = counts + mean / 2
        true, p = true[first], mean
    named = p.argmax(axis=1)
    return pd.DataFrame({"track_id": ids, "true": true, "named": named, "hit": (named == true).astype(float)}), p


def top3(counted, p):
    order = np.argsort(-p, axis=1, kind="stable")[:, :3]
    return float(np.mean([true in first for true, first in zip(counted["true"], order)]))


def figure_of(metric, counted, p, genres):
    """Give one figure of one training; None where it does not follow from its predictions."""
    true, named = counted["true"].to_numpy(), counted["named"].to_numpy()
    if metric in METRICS:
        return float(METRICS[metric](true, named, np.unique(true)))
    if metric == "top3_accuracy":
        return top3(counted, p)
    labels = np.unique(true) if genres else ()
    recalls = {genres[label]: float(np.mean(named[true == label] == label)) for label in labels}
    if metric == "top_confusions":
        return confused(true, named, genres)
    best = sorted(recalls, key=lambda genre: (-recalls[genre], genre))
    ranks = {"best_recall_genre": lambda: best[0], "best_recall_genres": lambda: "; ".join(best[:2]),
             "second_best_recall_genre": lambda: best[1],
             "worst_recall_genre": lambda: min(recalls, key=lambda genre: (recalls[genre], genre))}  # fmt: skip
    if metric in ranks and recalls:
        return ranks[metric]()
    return recalls.get(metric.removeprefix("recall_"))


def confused(true, named, genres):
    """Name the two pairs of genres most often taken for each other, both ways added; of equals the first in order."""
    counts = {}
    for a, b in zip(true, named):
        if a != b:
            pair = f"{genres[min(a, b)]}/{genres[max(a, b)]}"
            counts[pair] = counts.get(pair, 0) + 1
    return "; ".join(sorted(counts, key=lambda pair: (-counts[pair], pair))[:2]) or "none"


def figures_from(metric, confusions, genres):
    """Give one figure of each confusion matrix [n, k, k], rows true; NaN where nothing was tested."""
    with np.errstate(invalid="ignore", divide="ignore"):
        right, true, named = np.einsum("nii->ni", confusions), confusions.sum(axis=2), confusions.sum(axis=1)
        there, n = true > 0, confusions.sum(axis=(1, 2))
        recall, precision = right / np.where(there, true, 1), right / np.where(named > 0, named, 1)
        f1 = 2 * right / np.where(true + named > 0, true + named, 1)
        if metric.startswith("recall_"):
            label = genres.index(metric.removeprefix("recall_"))
            return np.where(there[:, label], recall[:, label], np.nan)
        macro = {"macro_recall": recall, "macro_precision": precision, "macro_f1": f1}
        if metric in macro:
            return (macro[metric] * there).sum(axis=1) / there.sum(axis=1)
        if metric == "weighted_f1":
            return (f1 * true).sum(axis=1) / n
        return right.sum(axis=1) / n


def interval(several, artists, metric, genres, others=None):
    """Draw tracks or artists of all trainings at once, and trainings that share a test part.

    A difference is of the hits of both sides; another figure that of the confusion of what was drawn.
    """
    rng = np.random.default_rng(12345)
    keys = [counted["track_id"].map(lambda track: artists.get(track) or f"track {track}") for counted in several]
    names = sorted(set().union(*map(set, keys)))
    if len(names) < 2:
        return None
    place = {name: number for number, name in enumerate(names)}
    draws = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=N_DRAWS).astype(float)
    figures = np.full((N_DRAWS, len(several)), np.nan)
    for number, (counted, key) in enumerate(zip(several, keys)):
        codes = key.map(place).to_numpy()
        if (metric in METRICS and metric != "accuracy") or metric.startswith("recall_"):
            k = len(genres)
            by_group = np.zeros((len(names), k * k))
            np.add.at(by_group, (codes, counted["true"] * k + counted["named"]), 1)
            figures[:, number] = figures_from(metric, (draws @ by_group).reshape(-1, k, k), genres)
        else:
            gain = counted["hit"].to_numpy() - (others[number]["hit"].to_numpy() if others else 0)
            sums, counts = (np.bincount(codes, weights, len(names)) for weights in (gain, np.ones(len(codes))))
            with np.errstate(invalid="ignore"):
                figures[:, number] = (draws @ sums) / (draws @ counts)
    parts = {}
    for number, counted in enumerate(several):
        parts.setdefault(counted.attrs["test"], []).append(number)
    weights = np.ones(figures.shape)
    for same in parts.values():
        if len(same) > 1:
            weights[:, same] = rng.multinomial(len(same), np.full(len(same), 1 / len(same)), size=N_DRAWS)
    weights[np.isnan(figures)] = 0
    drawn = weights.sum(axis=1) > 0
    means = (np.nan_to_num(figures) * weights).sum(axis=1)[drawn] / weights.sum(axis=1)[drawn]
    return np.percentile(means, [2.5, 97.5])


def best_of_several(folder, claims, unit, seed, genres):
    """Name the genre of the highest recall a slice, its mean over several systems; None where a claim is missing."""
    recalls = []
    for claim in claims:
        frame = predictions(folder, claim, unit, seed)
        if frame is None:
            return None
        rows = votes(frame, "slice")[0]
        recalls.append(rows.groupby("true")["hit"].mean())
    return genres[int(pd.DataFrame(recalls).mean().idxmax())]


def noisiest(points, genres):
    """Name the genre whose points on the map have the lowest mean silhouette."""
    values = pd.Series(silhouette_samples(points[["x", "y"]], points["true"])).groupby(points["true"].to_numpy()).mean()
    return min((value, genres[label]) for label, value in values.items())[1]


class Report:
    """Collect how far figures differ, and what could not be rebuilt."""

    def __init__(self):
        self.figure, self.end, self.checked, self.beyond, self.unseen = 0.0, 0.0, 0, [], []

    def compare(self, where, kept, own, limit):
        self.checked += 1
        if isinstance(kept, str) or isinstance(own, str) or kept is None or own is None:
            off = 0.0 if kept == own else np.inf
        else:
            off = abs(kept - own)
        if limit == NEAR:
            self.figure = max(self.figure, off)
        else:
            self.end = max(self.end, off)
        if not off <= limit:
            self.beyond.append(f"{where}: the record has {kept}, its files give {own}")


def check_protocol(report, folder, record, unit, part, artists, all_genres):
    """Rebuild the figures of one split of one record."""
    claim, metric, where = record["claim_id"], record["metric"], f"{folder.name} {record['claim_id']} by {unit}"
    own = unit == record["split_unit"]
    values, seeds = part["values"], part["seeds"]
    numbers = [value for value in values if isinstance(value, (int, float))]
    if len(numbers) == len(values):
        report.compare(f"{where}, mean", part["mean"], float(np.mean(numbers)), NEAR)
        if part["sd"] is not None:
            report.compare(f"{where}, sd", part["sd"], float(np.std(numbers, ddof=1)), NEAR)
    genres = list(part["scores"][0]["slice"]["recall"]) if part["scores"] else all_genres if claim in READ_OFF else []
    level = "majority" if record["level"] == "track" and "vote" in record["options"] else record["level"]
    counted, others = [], []
    if metric == "share_happy":
        check_happy(report, where, part, sys.modules[__name__])
    elif not seeds and metric != "seconds_per_track":  # the times of single tracks are the record's own values
        report.unseen.append(f"{where}: its values are all that was kept")
    for seed, value in zip(seeds, values):
        tested = predictions(folder, claim, unit, seed, "-test")
        frame = predictions(folder, READ_OFF.get(claim, claim), unit, seed)
        if frame is None and not (own and record["evaluated_on"] == "validation"):
            frame = tested
        other = predictions(folder, claim, unit, seed, "-other")
        points = folder / "points" / f"{claim}-{unit}-{seed}.csv"
        if claim in OF_SEVERAL and (made := best_of_several(folder, OF_SEVERAL[claim], unit, seed, all_genres)):
            report.compare(f"{where}, seed {seed}", value, made, NEAR)
            continue
        if metric == "noisiest_genre_in_tsne" and points.is_file():
            report.compare(f"{where}, seed {seed}", value, noisiest(pd.read_csv(points), all_genres), NEAR)
            continue
        curves = folder / "curves" / f"{claim}-{unit}-{seed}.csv"
        if metric in ("best_epoch", *FROM_CURVES) and curves.is_file():
            table = pd.read_csv(curves)
            monitor = record["options"].get("monitor", "val_loss")
            made = FROM_CURVES[metric](table) if metric in FROM_CURVES else best_epoch(table, monitor)
            report.compare(f"{where}, seed {seed}", value, float(made), NEAR)
            continue
        if frame is None:
            report.unseen.append(f"{where}, seed {seed}")
            continue
        rows, p = votes(frame, level)
        if "repeats" in record["options"]:  # probabilities are the shares of the repeats that named each genre
            rows["hit"] = p[np.arange(len(rows)), rows["true"]]
        rows.attrs["test"] = tuple(sorted(frame["slice"]))
        if other is not None and metric.startswith("accuracy_"):
            machine = metric == "accuracy_difference_to_tzanetakis_svm"  # a row a track, shares of its repeats
            beside, shares = votes(other, "slice" if machine else level)
            if machine:
                beside["hit"] = shares[np.arange(len(beside)), beside["true"]]
            others.append(beside)
            made = float(rows["hit"].mean() - beside["hit"].mean())
        elif "repeats" in record["options"] and metric == "accuracy":
            made = float(np.mean(rows["hit"]))
        else:
            made = figure_of(metric, rows, p, genres)
        if made is None:
            report.unseen.append(f"{where}, seed {seed}: {metric}")
            continue
        report.compare(f"{where}, seed {seed}", value, made, NEAR)
        counted.append(rows)
    if part["ci95"] is None or len(counted) < len(values) or not counted:
        return
    if metric not in METRICS and not metric.startswith("recall_") and not others:
        report.unseen.append(f"{where}: interval of {metric}")
        return
    ends = interval(counted, artists if unit in APART else {}, metric, genres, others)
    for name, kept, made in zip(("low", "high"), part["ci95"], ends):
        report.compare(f"{where}, {name} end", kept, float(made), NEAR_END)


def best_epoch(curves, monitor):
    """The epoch at which what patience watched was best, the first of equals."""
    watched = curves[monitor]
    return int(curves.loc[watched.idxmin() if monitor.endswith("loss") else watched.idxmax(), "epoch"])


def main(folders):
    """Check each folder of results; give 1 where a figure is beyond its limit."""
    index = pd.read_csv(INDEX, dtype=str, keep_default_na=False)
    artists = {track: artist for track, artist in zip(index["track_id"], index["artist_id"]) if artist}
    genres, report, n_records = sorted(set(index["genre"])), Report(), 0
    for folder in folders:
        for check in (check_table, check_heads):
            n_records += check(report, folder, artists, sys.modules[__name__])
        for path in sorted((folder / "results").glob("*.json")):
            record = json.loads(path.read_text(encoding="utf-8"))
            if "claim_id" not in record or "n_artists_test" not in record:
                continue  # a table of another kind, or a record from before its files were kept whole
            n_records += 1
            for unit, part in {record["split_unit"]: record, **record["other_protocols"]}.items():
                if "not_measured" not in part:
                    check_protocol(report, folder, record, unit, part, artists, genres)
    print(f"{report.checked} figures of {n_records} records rebuilt; largest difference:")
    print(f"{report.figure:.6f} of a figure, {report.end:.4f} of the end of an interval")
    for line in report.unseen:
        print(f"follows from no file here: {line}")
    for line in report.beyond:
        print(f"BEYOND: {line}")
    return 1 if report.beyond else 0


if __name__ == "__main__":
    asked = [Path(name) for name in sys.argv[1:]]
    sys.exit(main(asked or [path for path in sorted((CHECKOUT / "results").iterdir()) if path.is_dir()]))
