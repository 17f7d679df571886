"""Train the linear heads that come with genrelib, measure them on artists never heard, and write both with their cards.

    python -m tools.heads embedded --table features_30_sec.csv --data data --work work
    python -m tools.heads pretrained --data data --work work

Which numbers a head takes, how strongly it is held back, its temperature and its limits are chosen on artists held out
of its own training rows. The figures are of gtzan_160's three folds by artist, the artists of the fold that is tested
out of everything, that choice included. The head that is written chooses by the same rule and learns from all rows.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from genrelib._base.caching import file_when_whole
from genrelib._base.deal import deal
from genrelib._base.paths import RESULTS
from genrelib._base.provenance import commit, versions
from genrelib.classify.heads import Head
from genrelib.classify.loading import WEIGHTS
from genrelib.datasets import load_collection
from genrelib.datasets.gtzan import GENRES, read_index
from genrelib.evaluation.intervals import interval, interval_of_mean, resamples
from genrelib.reports.leakage.calibration import calibration, calibration_error
from tools.heads_rows import HOP_SECONDS, RATES, STEP_SECONDS, Rows, heard, samples, table_rows, together

# what is heard, and the C of the logistic regression, the most held back first: of equals the first is taken
VARIANTS = {
    "embedded": {"level-free": (0.01, 0.03, 0.1, 0.3, 1.0)},
    "pretrained": {
        "pooled": (0.0003, 0.001, 0.003, 0.01),
        "dense": (0.003, 0.01, 0.03, 0.1),
        "tags": (0.01, 0.03, 0.1, 0.3),
    },
}
PARTS, DRAWS = 4, 2  # of the training rows, by artist, to choose on
N_FOLDS = 10  # of the public table, by artist: its calibration
LIMIT = 97  # percentile of the distances of artists never heard
AXES = {"embedded": None, "pretrained": 20}  # principal directions in which distances are taken
STILL = 1e-7  # a number that varies by less is a constant: to divide by its rounding noise would make noise decide
TRUST = {
    "embedded": "It knows ten genres, from excerpts collected in 2000 and 2001, and names one of them for any sound",
    "pretrained": "Never heard holds for the head alone: the network beneath learned listeners' tags on a quarter of a "
    "million songs, GTZAN's artists very likely among them. It names one of ten genres for any sound",
}


def main() -> None:
    """Train one head and write it; see the text of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=sorted(VARIANTS))
    parser.add_argument("--table", help="GTZAN's public features_30_sec.csv; embedded alone learns from it")
    parser.add_argument("--data", default=None, help="where gtzan_160 lies; data/ unless given")
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps what was heard, and a head a fold")
    asked = parser.parse_args()
    songs = heard(asked.kind, VARIANTS[asked.kind], load_collection("gtzan_160", asked.data), asked.work)
    rows, words = songs, f"gtzan_160 (160 tracks, {len(songs.tracks)} steps of 3 s)"
    if asked.kind == "embedded":
        table = table_rows(asked.table)
        rows = together(table, songs)
        words = f"GTZAN's public table of features ({len(table.tracks)} rows of 30 s) and {words}, a song as a row"
    own, choices = songs.firsts(), []
    true, artists, names = own.labels, own.artists, list(own.tracks)
    sure, folds = np.zeros((len(names), len(GENRES))), read_index()["gtzan_160_fold"][songs.tracks].to_numpy()
    for fold in np.unique(folds):
        tested = songs.where(folds == fold)
        head, choice = learned(asked.kind, rows.without(tested.artists), songs.without(tested.artists))
        for track in dict.fromkeys(tested.tracks):
            steps = tested.numbers[choice["numbers"]][tested.tracks == track]
            sure[names.index(track)] = head.probabilities(steps).mean(axis=0)
        choices.append({"fold": fold, **choice})
        print(choices[-1], flush=True)
        write(asked.work / f"{asked.kind}-{fold}.json", {**choices[-1], "head": json.loads(head.to_json())})
    calibration = calibrated(sure, true, artists, "songs of gtzan_160 by artists out of training")
    keep(asked.kind, own.tracks, sure)
    if asked.kind == "embedded":
        known, of_rows = across_the_table(table, rows)
        words_of_rows = "rows of the public table by artists out of training"
        calibration = calibrated(of_rows, known.labels, known.artists, words_of_rows)
        keep("embedded-table", known.tracks, of_rows)
    head, choice = learned(asked.kind, rows, songs)
    card = {
        "system": asked.kind, "genres": list(GENRES), "sample_rate": RATES[asked.kind], "trained_on": words,
        "n_samples": samples(STEP_SECONDS, asked.kind), "hop_samples": samples(HOP_SECONDS, asked.kind),
        "seed": 0, "trust": TRUST[asked.kind],
        "numbers": choice["numbers"], "accuracy": accuracy_of(sure, true, artists), "calibration": calibration,
        "choice": {"of": "artists held out of training, never those that are tested", **choice, "folds": choices},
        "versions": versions(), "commit": commit(),
    }  # fmt: skip
    print(json.dumps({name: card[name] for name in ("accuracy", "calibration", "choice")}, indent=1))
    write(WEIGHTS / f"{asked.kind}.json", {**card, "head": json.loads(head.to_json())})


def learned(kind: str, rows: Rows, songs: Rows | None = None) -> tuple[Head, dict]:
    """Fit a head on rows, all that is chosen of it chosen on artists held out of them; and tell what was.

    ``songs`` are steps by artists of the rows: their distances to heads without their artists limit what is strange.
    """
    known = rows.where(pd.notna(rows.artists))
    places, sure = pd.factorize(known.tracks)[0], {}
    first = known.firsts()  # in the order of places
    for draw in range(DRAWS):
        parts = deal(first.labels, first.artists, [1 / PARTS] * PARTS, draw)[places]
        for part in range(PARTS):
            inside = parts == part
            for name, strengths in VARIANTS[kind].items():
                for strength, head in fitted(kind, known.where(~inside), name, strengths):
                    given = sure.setdefault((name, strength), np.zeros((DRAWS, len(parts), len(GENRES))))
                    given[draw, inside] = head.probabilities(known.numbers[name][inside])
    true = first.labels
    right = {key: float(np.mean([summed(p, places).argmax(axis=1) == true for p in sure[key]])) for key in sure}
    name, strength = max(right, key=right.get)
    logits = np.log(np.maximum(np.concatenate(sure[name, strength]), 1e-12))
    songs_of_rows = np.concatenate([places + draw * len(true) for draw in range(DRAWS)])
    heat = temperature(logits, np.tile(known.labels, DRAWS), songs_of_rows)
    limits = limits_of(kind, known, songs, name, strength) if songs else (np.inf, np.inf)
    ((_, head),) = fitted(kind, rows, name, [strength])
    told = {"numbers": name, "C": strength, "right": round(right[name, strength], 4), "n_rows": len(rows.tracks)}
    return replace(head, temperature=heat, limits=limits), told


def limits_of(kind, rows, songs, name, strength) -> tuple[float, float]:
    """Give the distances beyond which three steps, and three songs, in a hundred by unheard artists lie."""
    parts, of_steps, of_songs = deal(songs.labels, songs.artists, [1 / PARTS] * PARTS, 0), [], []
    for part in range(PARTS):
        tested = songs.where(parts == part)
        ((_, head),) = fitted(kind, rows.without(tested.artists), name, [strength])
        for track in np.unique(tested.tracks):
            steps = tested.numbers[name][tested.tracks == track]
            of_steps += [head.distance(step) for step in steps]
            of_songs.append(head.distance(steps.mean(axis=0)))
    return tuple(float(np.percentile(distances, LIMIT)) for distances in (of_steps, of_songs))


def fitted(kind, rows, name, strengths):
    """Fit a head a strength; temperatures are 1 and limits infinite until they are known."""
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import PowerTransformer, StandardScaler

    whole, powered = rows.weights == 1, rows.numbers[name].astype(np.float64)  # rows of the table, or all steps
    scaler = PowerTransformer(standardize=False).fit(powered[whole]) if kind == "embedded" else None
    powered = scaler.transform(powered) if scaler else powered
    inner = StandardScaler().fit(powered, sample_weight=rows.weights)
    scale = np.where(np.sqrt(inner.var_) > STILL, inner.scale_, 1.0)
    places, labels = (powered - inner.mean_) / scale, rows.labels
    axes = PCA(AXES[kind], random_state=0).fit(places).components_ if AXES[kind] else None
    for strength in strengths:
        model = LogisticRegression(C=strength, max_iter=3000).fit(places, labels, sample_weight=rows.weights)
        yield strength, Head(
            genres=list(GENRES), powers=None if scaler is None else scaler.lambdas_, mean=inner.mean_, scale=scale,
            coefficients=model.coef_, intercepts=model.intercept_, temperature=1.0, axes=axes,
            rows=(places if axes is None else places @ axes.T)[whole], limits=(np.inf, np.inf),
        )  # fmt: skip


def across_the_table(table: Rows, rows: Rows) -> tuple:
    """Give the table's rows by known artists, and their probabilities by heads that heard none of their artists."""
    known = table.where(pd.notna(table.artists))
    folds = deal(known.labels, known.artists, [1 / N_FOLDS] * N_FOLDS, 0)
    sure = np.zeros((len(folds), len(GENRES)))
    for fold in range(N_FOLDS):
        head, choice = learned("embedded", rows.without(known.artists[folds == fold]))
        print("table", fold, choice, flush=True)
        sure[folds == fold] = head.probabilities(known.numbers[choice["numbers"]][folds == fold])
    return known, sure


def keep(name: str, tracks, sure) -> None:
    """Write the probabilities that a card's figures follow from, a row a song; tools/recompute.py reads them."""
    table = pd.DataFrame(sure, index=pd.Index(tracks, name="track_id"), columns=GENRES)
    path = RESULTS / "classifiers" / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with file_when_whole(path) as building:
        table.to_csv(building, float_format="%.6g", lineterminator="\n")


def hits_of(sure, true) -> tuple[np.ndarray, np.ndarray]:
    """Tell of each song whether its genre is the likeliest, and whether it is among the first three."""
    best = np.argsort(-sure, axis=1, kind="stable")[:, :3] == true[:, None]
    return best[:, 0], best.any(axis=1)


def accuracy_of(sure, true, artists) -> dict:
    """Give a card's figures of the songs of gtzan_160."""
    hits, three = hits_of(sure, true)
    ends = [[round(end, 4) for end in interval_of_mean(values.astype(float), artists)] for values in (hits, three)]
    return {
        "protocol": "artist", "of": "gtzan_160, three folds; intervals resample artists", "n_tracks": len(true),
        "n_artists": len(set(artists)), "track": round(float(hits.mean()), 4), "track_ci95": ends[0],
        "recall": {genre: round(float(hits[true == number].mean()), 4) for number, genre in enumerate(GENRES)},
        "track_top3": round(float(three.mean()), 4), "track_top3_ci95": ends[1],
    }  # fmt: skip


def calibrated(sure, true, artists, words) -> dict:
    """Give the calibration error with the interval over artists, and its curve."""
    said, right, codes = sure.max(axis=1), sure.argmax(axis=1) == true, pd.factorize(artists)[0]
    votes = pd.DataFrame(sure, columns=[f"p{i}" for i in range(len(GENRES))]).assign(true=true)
    curve = calibration(votes.assign(track_id=range(len(true))))["curve"]
    errors = [
        calibration_error(said[drawn], right[drawn])
        for drawn in (np.repeat(np.arange(len(true)), times.astype(int)[codes]) for times in resamples(codes.max() + 1))
    ]
    ends = [round(end, 4) for end in interval(errors)]
    error = round(calibration_error(said, right), 4)
    return {"error": error, "error_ci95": ends, "n": len(true), "curve": curve, "of": words}


def summed(probabilities, songs):
    """Give the mean probabilities of songs from those of their rows."""
    sums = np.zeros((songs.max() + 1, probabilities.shape[1]))
    np.add.at(sums, songs, probabilities)
    return sums / sums.sum(axis=1, keepdims=True)


def temperature(logits, labels, songs) -> float:
    """Give the temperature under which the true genres of songs are likeliest, a song the mean of its rows."""
    from scipy.optimize import minimize_scalar

    true = np.zeros(songs.max() + 1, dtype=int)
    true[songs] = labels

    def surprise(log_heat):
        powers = np.exp((logits - logits.max(axis=1, keepdims=True)) / np.exp(log_heat))
        sums = summed(powers / powers.sum(axis=1, keepdims=True), songs)
        return -np.mean(np.log(np.maximum(sums[np.arange(len(true)), true], 1e-12)))

    return float(np.exp(minimize_scalar(surprise, bounds=(-2, 2), method="bounded").x))


def write(path: Path, content: dict) -> None:
    """Write JSON that comes into place whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with file_when_whole(path) as building:
        building.write_text(json.dumps(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
