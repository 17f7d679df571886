"""Train the linear heads that come with genrelib, measure them on artists never heard, and write both with their cards.

    python -m tools.heads embedded --table features_30_sec.csv --data data
    python -m tools.heads pretrained --data data

The figures are of gtzan_160's three folds by artist, the artists of the fold that is tested out of everything. The head
that is written is trained on all rows.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

import numpy as np
import pandas as pd

from genrelib import audio
from genrelib._base.caching import file_when_whole
from genrelib._base.deal import deal
from genrelib._base.provenance import commit, versions
from genrelib.classify import numbers
from genrelib.classify.heads import STRENGTH, Head, unfitted
from genrelib.classify.loading import WEIGHTS
from genrelib.datasets import load_collection
from genrelib.datasets.gtzan import GENRES, read_index
from genrelib.evaluation.calibration import calibration_error
from genrelib.evaluation.intervals import interval_of_mean
from genrelib.features import FEATURES, read_table

N_FOLDS = 10  # of the rows, by artist: temperature, calibration
LIMIT = 97  # percentile of the distances of artists never heard
AXES = {"embedded": None, "pretrained": 20}  # principal directions in which distances are taken
RATES = {"embedded": 22050, "pretrained": 16000}
STEP_SECONDS = 3.0
TRUST = {
    "embedded": "It knows ten genres, from excerpts collected in 2000 and 2001, and names one of them for any sound",
    "pretrained": "Never heard holds for the head alone: the network beneath learned listeners' tags on a quarter of a "
    "million songs, GTZAN's artists very likely among them. It names one of ten genres for any sound",
}


def main() -> None:
    """Train one head and write it; see the text of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=sorted(STRENGTH))
    parser.add_argument("--table", help="GTZAN's public features_30_sec.csv; embedded alone learns from it")
    parser.add_argument("--data", default=None, help="where gtzan_160 lies; data/ unless given")
    asked = parser.parse_args()
    index = read_index()
    songs = songs_of(asked.kind, load_collection("gtzan_160", asked.data))
    rows, labels, artists, tracks, words = training_rows(asked.kind, asked.table, songs)
    head, calibration = trained(asked.kind, rows, labels, artists, tracks)
    accuracy, limits = tested(asked.kind, rows, labels, artists, songs, index)
    card = {
        "system": asked.kind, "genres": list(GENRES), "sample_rate": RATES[asked.kind], "trained_on": words,
        "n_samples": round(STEP_SECONDS * RATES[asked.kind]), "seed": 0, "trust": TRUST[asked.kind],
        "accuracy": accuracy, "calibration": calibration,
        "versions": versions(), "commit": commit(),
    }  # fmt: skip
    print(json.dumps({"accuracy": card["accuracy"], "calibration": calibration}, indent=1))
    WEIGHTS.mkdir(exist_ok=True)
    with file_when_whole(WEIGHTS / f"{asked.kind}.json") as building:
        building.write_text(
            json.dumps({**card, "head": json.loads(replace(head, limits=limits).to_json())}) + "\n", encoding="utf-8"
        )


def training_rows(kind: str, table: str, songs: dict) -> tuple:
    """Give the numbers that a head learns from, and each row's label, artist, track; and what they are in words."""
    index = read_index()
    if kind == "embedded":
        public = read_table(table).set_index("track_id")
        rows, tracks = numbers.level_free(public[list(FEATURES)].to_numpy()), public.index
        words = f"GTZAN's public table of features ({len(rows)} rows of 30 s)"
    else:
        rows = np.concatenate(list(songs.values()))
        tracks = pd.Index(np.repeat(list(songs), [len(steps) for steps in songs.values()]))
        words = f"gtzan_160 ({len(songs)} tracks, {len(rows)} steps of 3 s)"
    labels = np.array([GENRES.index(index["genre"][track]) for track in tracks])
    return rows, labels, index["artist_id"].reindex(tracks).to_numpy(dtype=object), tracks, words


def songs_of(kind: str, collection) -> dict[str, np.ndarray]:
    """Give the numbers [n_steps, d] of each song's steps of 3 s."""
    hear = numbers.embedded_numbers if kind == "embedded" else numbers.pretrained_numbers()
    n_samples, heard = round(STEP_SECONDS * RATES[kind]), {}
    for track, path in collection.tracks["path"].items():
        samples = audio.read_audio(path, sample_rate=RATES[kind])
        heard[track] = hear(samples[: len(samples) // n_samples * n_samples].reshape(-1, n_samples))
    return heard


def trained(kind, rows, labels, artists, tracks) -> tuple[Head, dict]:
    """Fit a head on all rows; temperature and calibration come from artists never heard, a fold at a time."""
    known = pd.notna(artists)
    folds = np.full(len(rows), -1)
    logits = np.zeros((len(rows), len(GENRES)))
    folds[known] = deal(labels[known], artists[known], [1 / N_FOLDS] * N_FOLDS, 0)
    for fold in range(N_FOLDS):
        chosen = np.flatnonzero(folds == fold)
        head = fitted(kind, rows[known & (folds != fold)], labels[known & (folds != fold)])
        logits[chosen] = np.log(np.maximum(head.probabilities(rows[chosen]), 1e-12))
    songs = pd.factorize(np.asarray(tracks)[known])[0]
    sure = np.zeros((songs.max() + 1, len(GENRES)))
    for fold in range(N_FOLDS):  # the temperature of a fold is that of the others
        inside = folds[known] == fold
        heat = temperature(logits[known][~inside], labels[known][~inside], pd.factorize(songs[~inside])[0])
        np.add.at(sure, songs[inside], softmax(logits[known][inside] / heat))
    sure /= sure.sum(axis=1, keepdims=True)
    true = np.zeros(len(sure), dtype=int)
    true[songs] = labels[known]
    error, curve = calibration_error(sure, true)
    heat = temperature(logits[known], labels[known], songs)
    whole = replace(fitted(kind, rows, labels), temperature=heat)
    words = "songs by artists out of training, ten folds; the temperature of a fold is fitted on the others"
    return whole, {"error": round(error, 4), "n": len(sure), "curve": curve, "of": words}


def tested(kind, rows, labels, artists, songs, index) -> tuple[dict, tuple]:
    """Test each song of gtzan_160 on a head that heard none of its fold's artists; give figures and limits."""
    tracks = index.loc[list(songs)]
    true = np.array([GENRES.index(genre) for genre in tracks["genre"]])
    mean, of_steps, of_songs = np.zeros((len(songs), len(GENRES))), [], []
    for fold in sorted(tracks["gtzan_160_fold"].unique()):
        inside = (tracks["gtzan_160_fold"] == fold).to_numpy()
        heard = pd.notna(artists) & ~np.isin(artists.astype(str), tracks["artist_id"][inside].unique().astype(str))
        head = fitted(kind, rows[heard], labels[heard])
        for place in np.flatnonzero(inside):
            steps = songs[tracks.index[place]]
            mean[place] = head.probabilities(steps).mean(axis=0)
            of_steps += [head.distance(step) for step in steps]
            of_songs.append(head.distance(steps.mean(axis=0)))
    best = np.argsort(-mean, axis=1, kind="stable")
    hits = best[:, 0] == true
    recall = {genre: round(float(hits[true == number].mean()), 4) for number, genre in enumerate(GENRES)}
    ends = interval_of_mean(hits.astype(float), tracks["artist_id"].to_numpy())
    limits = tuple(float(np.percentile(distances, LIMIT)) for distances in (of_steps, of_songs))
    return {
        "protocol": "artist", "of": "gtzan_160, three folds; intervals resample artists", "n_tracks": len(songs),
        "n_artists": int(tracks["artist_id"].nunique()), "track": round(float(hits.mean()), 4),
        "track_ci95": [round(float(end), 4) for end in ends], "recall": recall,
        "track_top3": round(float((best[:, :3] == true[:, None]).any(axis=1).mean()), 4),
    }, limits  # fmt: skip


def fitted(kind, rows, labels) -> Head:
    """Fit a head; its temperature is 1 and its limits infinite until they are known."""
    from sklearn.decomposition import PCA

    scaler, model = unfitted(kind).fit(rows, labels).named_steps.values()
    places = scaler.transform(rows)
    inner = scaler._scaler if kind == "embedded" else scaler
    powers = scaler.lambdas_ if kind == "embedded" else None
    axes = PCA(AXES[kind], random_state=0).fit(places).components_ if AXES[kind] else None
    known = places if axes is None else places @ axes.T
    fixed = {
        "temperature": 1.0,
        "limits": (np.inf, np.inf),
        "genres": list(GENRES),
        "powers": powers,
        "axes": axes,
        "rows": known,
    }
    return Head(mean=inner.mean_, scale=inner.scale_, coefficients=model.coef_, intercepts=model.intercept_, **fixed)


def temperature(logits, labels, songs) -> float:
    """Give the temperature under which the true genres of songs are likeliest, a song the mean of its rows."""
    from scipy.optimize import minimize_scalar

    true = np.zeros(songs.max() + 1, dtype=int)
    true[songs] = labels

    def surprise(log_heat):
        sums = np.zeros((len(true), logits.shape[1]))
        np.add.at(sums, songs, softmax(logits / np.exp(log_heat)))
        sums /= sums.sum(axis=1, keepdims=True)
        return -np.mean(np.log(np.maximum(sums[np.arange(len(true)), true], 1e-12)))

    return float(np.exp(minimize_scalar(surprise, bounds=(-2, 2), method="bounded").x))


def softmax(logits):
    """Give probabilities along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


if __name__ == "__main__":
    main()
