"""What irrelevant changes do to the classifiers that come with genrelib, and what they say of sounds that are no music.

    python -m tools.robustness --table features_30_sec.csv --data data

Songs are gtzan_160's; each is answered by heads that heard none of its fold's artists. The figures go into the cards.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from functools import partial

import numpy as np
import soxr

from genrelib import audio
from genrelib._base.caching import file_when_whole
from genrelib._base.provenance import commit
from genrelib.classify import numbers
from genrelib.classify.heads import read_head
from genrelib.classify.loading import WEIGHTS
from genrelib.datasets import load_collection
from genrelib.datasets.gtzan import GENRES, read_index
from genrelib.evaluation.changes import louder, low_pass, mp3
from tools.heads import RATES, STEP_SECONDS, fitted, songs_of, training_rows

RATE = 22050  # Hz, of the tracks


def through(rate):
    """Give the sound at another rate and back."""
    return lambda sound: soxr.resample(soxr.resample(sound, RATE, rate), rate, RATE).astype(np.float32)


CHANGES = {
    "12 dB quieter": partial(louder, sample_rate=RATE, decibels=-12),
    "12 dB louder, unclipped": partial(louder, sample_rate=RATE, decibels=12),
    "given at 44.1 kHz": through(44100),
    "shifted by 1.5 s": lambda sound: sound[round(1.5 * RATE) :],
    "mp3 at 64 kb/s": partial(mp3, sample_rate=RATE),
    "given at 16 kHz": through(16000),
    "nothing above 5 kHz": partial(low_pass, sample_rate=RATE, hertz=5000),
}


def clips(sound, rng):
    """Cut five clips of 2 to 3 s."""
    lengths = rng.uniform(2, 3, 5)
    starts = rng.uniform(0, len(sound) / RATE - 3, 5)
    return [sound[round(start * RATE) : round((start + length) * RATE)] for start, length in zip(starts, lengths)]


def no_music(rng):
    """Make sounds that are no music: noises, tones, clicks, near-silence, ten seconds each."""
    n = 10 * RATE
    time = np.arange(n) / RATE
    white = rng.normal(0, 0.1, n)
    pink = np.fft.irfft(np.fft.rfft(white) / np.sqrt(np.maximum(np.arange(n // 2 + 1), 1)), n)
    brown = np.cumsum(white)
    sounds = [white, pink / np.abs(pink).max() / 2, brown / np.abs(brown).max() / 2]
    sounds += [0.3 * np.sin(2 * np.pi * hertz * time) for hertz in (55, 110, 440, 1000, 3000, 8000)]
    sounds += [np.sign(np.sin(2 * np.pi * hertz * time)) * 0.2 for hertz in (50, 220)]
    sounds += [0.3 * np.sin(2 * np.pi * (100 + 400 * time) * time), white * 1e-3, white * 3e-4 + 1e-3]
    sounds += [white * (np.sin(2 * np.pi * hertz * time) > 0.99) for hertz in (1, 2, 8)]
    return [np.asarray(sound, dtype=np.float32) for sound in sounds]


class Heard:
    """One kind of classifier on artists it never heard: a head a fold."""

    def __init__(self, kind, table, songs):
        self.kind, self.rate = kind, RATES[kind]
        self.hear = numbers.embedded_numbers if kind == "embedded" else numbers.pretrained_numbers()
        self.whole = read_head(WEIGHTS / f"{kind}.json")
        rows, labels, artists, _, _ = training_rows(kind, table, songs)
        index = read_index()
        self.folds, self.heads = index["gtzan_160_fold"], {}
        for fold in sorted(index["gtzan_160_fold"].dropna().unique()):
            out = index["artist_id"][index["gtzan_160_fold"] == fold].unique().astype(str)
            heard = np.array([artist is not None and artist == artist and str(artist) not in out for artist in artists])
            fit = {"temperature": self.whole.temperature, "limits": self.whole.limits}
            self.heads[fold] = replace(fitted(kind, rows[heard], labels[heard]), **fit)

    def answer(self, sound, fold=None):
        """Give probabilities of a sound at RATE, and whether it is told as strange."""
        head = self.whole if fold is None else self.heads[fold]
        sound = soxr.resample(sound, RATE, self.rate).astype(np.float32) if self.rate != RATE else sound
        n_samples = round(STEP_SECONDS * self.rate)
        if len(sound) >= n_samples:
            steps = sound[: len(sound) // n_samples * n_samples].reshape(-1, n_samples)
        else:
            steps = (sound if self.kind == "embedded" else np.resize(sound, n_samples))[None]
        heard = self.hear(steps)
        return head.probabilities(heard).mean(axis=0), head.is_strange(heard)


def measure(kind, table, collection, songs, every=1) -> dict:
    """Measure one classifier on every so many songs of a collection."""
    heard, rng = Heard(kind, table, songs), np.random.default_rng(0)
    changed = {name: [] for name in CHANGES}
    told = {name: [] for name in ["unheard music", *CHANGES]}
    hits = {"whole steps": [], "clips of 2 to 3 s": []}
    for track, row in collection.tracks.iloc[::every].iterrows():
        sound, fold = audio.read_audio(row["path"], sample_rate=RATE, notes=[]), heard.folds[track]
        true = GENRES.index(row["genre"])
        plain, strange = heard.answer(sound, fold)
        told["unheard music"].append(strange)
        for name, change in CHANGES.items():
            given, strange = heard.answer(np.asarray(change(sound), dtype=np.float32), fold)
            changed[name].append(given.argmax() != plain.argmax())
            told[name].append(strange)
        for clip in clips(sound, rng):
            hits["clips of 2 to 3 s"].append(heard.answer(clip, fold)[0].argmax() == true)
        starts = rng.uniform(0, len(sound) / RATE - 3, 5)
        for start in starts:
            step = sound[round(start * RATE) :][: round(STEP_SECONDS * RATE)]
            hits["whole steps"].append(heard.answer(step, fold)[0].argmax() == true)
    none = [heard.answer(sound)[1] for sound in no_music(rng)]
    share = {name: round(float(np.mean(values)), 4) for name, values in changed.items()}
    flags = {name: round(float(np.mean(values)), 4) for name, values in told.items()}
    return {
        "first answers that change": share, "told as unlike anything": flags | {"no music": float(np.mean(none))},
        "right": {name: round(float(np.mean(values)), 4) for name, values in hits.items()},
        "n": {"songs": len(changed["mp3 at 64 kb/s"]), "clips": len(hits["clips of 2 to 3 s"]), "no music": len(none)},
    }  # fmt: skip


def main() -> None:
    """Measure both and write the figures into their cards."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", required=True, help="GTZAN's public features_30_sec.csv")
    parser.add_argument("--data", default=None, help="where gtzan_160 lies; data/ unless given")
    parser.add_argument("--kinds", nargs="+", default=sorted(RATES), choices=sorted(RATES))
    parser.add_argument("--every", type=int, default=1, help="take each so many songs alone")
    asked = parser.parse_args()
    collection = load_collection("gtzan_160", asked.data)
    for kind in asked.kinds:
        songs = songs_of(kind, collection) if kind == "pretrained" else {}
        figures = measure(kind, asked.table, collection, songs, asked.every)
        print(kind, json.dumps(figures, indent=1), flush=True)
        path = WEIGHTS / f"{kind}.json"
        card = json.loads(path.read_text(encoding="utf-8"))
        card["robustness"] = {**figures, "commit": commit(), "seed": 0}
        with file_when_whole(path) as building:
            building.write_text(json.dumps(card) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
