"""What irrelevant changes do to the classifiers that come with genrelib, and what they say of sounds that are no music.

    python -m tools.robustness --data data --work work [--speech folder]

Songs are gtzan_160's; each is answered by the head that `tools.heads` kept in the work folder for its fold, which heard
none of the fold's artists. A song that was measured is kept there: an interrupted run goes on. The figures go into the
cards.
"""

from __future__ import annotations

import argparse
import json
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import soxr
from scipy.signal import lfilter

from genrelib import audio
from genrelib._base.errors import AudioError
from genrelib._base.provenance import commit
from genrelib.classify import load_classifier
from genrelib.classify.classifier import BAND, STRANGE, band_of
from genrelib.classify.heads import read_head
from genrelib.classify.loading import WEIGHTS
from genrelib.datasets import load_collection
from genrelib.datasets.gtzan import GENRES, read_index
from genrelib.reports.leakage.changes import louder, low_pass, mp3
from tools.heads import hits_of, keep, write
from tools.heads_rows import RATES, listener

RATE = 22050  # Hz, of the tracks
CLIPS = 5  # a song
MADE_SECONDS = 6  # of sounds that are no music
FORMANTS = [  # Hz, of six vowels of men (Peterson and Barney, 1952)
    (730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410), (490, 1350, 1690),
]  # fmt: skip


CHANGES = {  # a song → what is given instead, and its rate
    "12 dB quieter": lambda sound: (louder(sound, RATE, -12), RATE),
    "12 dB louder, where nothing clips": lambda sound: (louder(sound, RATE, 12), RATE),
    "given at 44.1 kHz": lambda sound: (soxr.resample(sound, RATE, 44100), 44100),
    "shifted by 1.5 s": lambda sound: (sound[round(1.5 * RATE) :], RATE),
    "mp3 at 64 kb/s": lambda sound: (mp3(sound, RATE), RATE),
    "given at 16 kHz": lambda sound: (soxr.resample(sound, RATE, 16000), 16000),
    "nothing above 5 kHz": lambda sound: (low_pass(sound, RATE, 5000), RATE),
}


def measured(classifier, sound, genre, rng) -> dict:
    """Give what a classifier says of a song, of the song changed, and of clips and the steps they are cut from."""

    def says(song, rate=RATE):
        answer = classifier.classify(song, top=2, sample_rate=rate)
        first, second = answer.top
        return {"first": first[0], "sure": round(first[1], 4), "second": round(second[1], 4),
                "told": STRANGE in answer.notes}  # fmt: skip

    changed = {}
    for name, change in CHANGES.items():
        given, rate = change(sound)
        if np.abs(given).max() <= 1 or "clips" not in name:
            changed[name] = says(given, rate)
    clips, steps = [], []
    for start in rng.uniform(0, len(sound) / RATE - 3, CLIPS):
        step = sound[round(start * RATE) :][: 3 * RATE]
        if not step.any():
            continue
        steps.append(says(step))
        clips.append(says(step[: round(rng.uniform(2, 3) * RATE)]))
    return {"genre": genre, "plain": says(sound), "changed": changed, "steps": steps, "clips": clips}


def no_music(rng) -> dict[str, np.ndarray]:
    """Make sounds that are no music, a name each: spoken syllables, noises, tones, clicks, near-silence."""
    n = MADE_SECONDS * RATE
    time = np.arange(n) / RATE
    white = rng.normal(0, 0.1, n)
    pink = np.fft.irfft(np.fft.rfft(white) / np.sqrt(np.maximum(np.arange(n // 2 + 1), 1)), n)
    brown = np.cumsum(white)
    sounds = {"white noise": white}
    sounds |= {"pink noise": pink / np.abs(pink).max() / 2, "brown noise": brown / np.abs(brown).max() / 2}
    for hertz in (55, 110, 440, 1000, 3000, 8000):
        sounds[f"sine of {hertz} Hz"] = 0.3 * np.sin(2 * np.pi * hertz * time)
    for hertz in (50, 220):
        sounds[f"square of {hertz} Hz"] = np.sign(np.sin(2 * np.pi * hertz * time)) * 0.2
    sounds["a sweep"] = 0.3 * np.sin(2 * np.pi * (100 + 400 * time) * time)
    sounds["near-silence"], sounds["nearer silence"] = white * 1e-3, white * 3e-4 + 1e-3
    for hertz in (1, 2, 8):
        sounds[f"{hertz} bursts a second"] = white * (np.sin(2 * np.pi * hertz * time) > 0.99)
    sounds["one sample"] = np.where(np.arange(n) == n // 3, 0.5, 0.0)
    for pitch in (85, 110, 140, 180, 220):
        sounds[f"syllables at {pitch} Hz"] = syllables(rng, pitch)
    return {name: np.asarray(sound, dtype=np.float32) for name, sound in sounds.items()}


def syllables(rng, pitch) -> np.ndarray:
    """Speak nonsense: a vowel's three formants over a falling pitch, hisses and pauses."""
    pieces, held = [], 0
    while held < MADE_SECONDS * RATE:
        n = round(rng.uniform(0.09, 0.25) * RATE)
        hertz = pitch * rng.uniform(0.85, 1.2) * np.linspace(1.05, 0.9, n) * (1 + 0.01 * rng.normal(size=n))
        phase = np.cumsum(hertz) / RATE
        voice = np.diff(np.floor(phase), prepend=0) + 0.003 * rng.normal(size=n)
        voice = lfilter([1], [1, -0.95], voice)
        for formant in FORMANTS[rng.integers(len(FORMANTS))]:
            width, angle = np.exp(-np.pi * 90 / RATE), 2 * np.pi * formant / RATE
            voice = lfilter([1 - width], [1, -2 * width * np.cos(angle), width**2], voice)
        voice *= np.hanning(n) ** 0.5 / (np.abs(voice).max() + 1e-9)
        hiss = np.diff(rng.normal(size=round(rng.uniform(0.03, 0.09) * RATE)), prepend=0) * rng.uniform(0, 0.12)
        pause = np.zeros(round(RATE * (rng.uniform(0.25, 0.5) if rng.random() < 0.15 else rng.uniform(0, 0.04))))
        pieces += [hiss, voice, pause]
        held += len(hiss) + n + len(pause)
    return 0.3 * np.concatenate(pieces)[: MADE_SECONDS * RATE]


def told(classifier, sounds) -> dict[str, bool]:
    """Tell of each sound whether it was told as unlike anything learned, or refused; and how sure the answer was."""
    says = {}
    for name, sound in sounds.items():
        try:
            answer = classifier.classify(sound, sample_rate=RATE)
        except AudioError:  # silence is refused
            says[name] = {"told": True}
            continue
        says[name] = {"told": STRANGE in answer.notes, "first": answer.top[0][0], "sure": round(answer.top[0][1], 4)}
    return says


def elsewhere(classifier, table: pd.DataFrame, words: str) -> dict:
    """Give what the head that is shipped makes of songs from elsewhere, in all and by genre; keep its answers."""
    says = [classifier.classify(file).probabilities for file in table["file"]]
    sure, true = pd.DataFrame(says)[list(GENRES)].to_numpy(), table["genre"].map(GENRES.index).to_numpy()
    names = [f"{row.genre}.{Path(row.file).stem}" for row in table.itertuples()]
    keep(f"{classifier.card['system']}-elsewhere", names, sure)
    hits = pd.DataFrame(dict(zip(("right", "top3"), hits_of(sure, true), strict=True))).assign(n=1)
    by_genre = hits.groupby(table["genre"])[["n", "right", "top3"]].sum()
    totals = {name: int(n) for name, n in by_genre.sum().items()}
    return {"of": words, **totals, "by_genre": {genre: row.to_dict() for genre, row in by_genre.iterrows()}}


def summed(songs: list, sounds: dict) -> dict:
    """Give the card's figures of all songs and sounds."""
    counts, flags, changes = {}, {"unheard music": share(song["plain"]["told"] for song in songs)}, {}
    for name in CHANGES:
        given = [(song["plain"], song["changed"][name]) for song in songs if name in song["changed"]]
        counts[name] = len(given)
        changes[name] = share(plain["first"] != changed["first"] for plain, changed in given)
        flags[name] = share(changed["told"] for _, changed in given)
    right = {
        name: share(one["first"] == song["genre"] for song in songs for one in song[place])
        for name, place in (("whole steps", "steps"), ("clips of 2 to 3 s", "clips"))
    }
    flags |= {"clips of 2 to 3 s": share(clip["told"] for song in songs for clip in song["clips"])}
    flags |= {name: share(one["told"] for one in kind.values()) for name, kind in sounds.items() if kind}
    flags["no music"] = share(one["told"] for kind in sounds.values() for one in kind.values())
    counts |= {"unheard music": len(songs), "clips of 2 to 3 s": sum(len(song["clips"]) for song in songs)}
    counts |= {name: len(kind) for name, kind in sounds.items()}
    return {"first answers that change": changes, "told as unlike anything": flags, "right": right, "n": counts}


def filtered(collection, rate) -> dict:
    """Give the shares of songs, plain and changed, that a classifier that hears sound at a rate tells as filtered."""
    changes = {"unheard music": lambda sound: (sound, RATE), **CHANGES}
    told = {name: [] for name in changes}
    for path in collection.tracks["path"]:
        sound = audio.read_audio(path, sample_rate=RATE, notes=[])
        for name, change in changes.items():
            given, given_rate = change(sound)
            heard = soxr.resample(given, given_rate, rate)
            steps = heard[: len(heard) // (3 * rate) * 3 * rate].reshape(-1, 3 * rate)
            told[name].append(band_of(steps, rate) < BAND * rate / 2)
    return {name: share(values) for name, values in told.items()}


def share(values):
    """Give the share of what is true, to four digits; None of nothing."""
    values = list(values)
    return round(float(np.mean(values)), 4) if values else None


def measure(kind, collection, work, speech, every) -> dict:
    """Measure one classifier on every so many songs, and on what is no music."""
    whole, folds, path = load_classifier(kind), read_index()["gtzan_160_fold"], work / f"{kind}-robustness.jsonl"
    kept = {}
    if path.is_file():
        kept = {row["track"]: row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    heads = {}
    for fold in np.unique(folds[collection.tracks.index]):
        place = work / f"{kind}-{fold}.json"
        head, numbers = read_head(place), json.loads(place.read_text(encoding="utf-8"))["numbers"]
        parts = {"hear": listener(kind, numbers), "decide": head.probabilities, "strange": head.is_strange}
        heads[fold] = replace(whole, **parts)
    tracks = collection.tracks.iloc[::every]
    for track, row in tracks.iterrows():
        if track in kept:
            continue
        sound = audio.read_audio(row["path"], sample_rate=RATE, notes=[])
        figures = measured(heads[folds[track]], sound, row["genre"], np.random.default_rng(zlib.crc32(track.encode())))
        kept[track] = {"track": track, **figures}
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(kept[track]) + "\n")
    files = sorted(speech.glob("*.wav")) if speech else []
    spoken = {file.name: audio.read_audio(file, sample_rate=RATE, notes=[]) for file in files}
    sounds = {"spoken text": told(whole, spoken), "made sounds": told(whole, no_music(np.random.default_rng(0)))}
    print(json.dumps(sounds, indent=1))
    return summed([kept[track] for track in tracks.index], sounds)


def main() -> None:
    """Measure both and write the figures into their cards."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=None, help="where gtzan_160 lies; data/ unless given")
    parser.add_argument("--work", type=Path, required=True, help="folder of tools.heads, with a head a fold")
    parser.add_argument("--speech", type=Path, help="folder of spoken text, WAV")
    parser.add_argument("--elsewhere", help="a table of file and genre: songs of another collection")
    parser.add_argument("--called", default="songs from elsewhere", help="what these songs are, in words")
    parser.add_argument("--kinds", nargs="+", default=sorted(RATES), choices=sorted(RATES))
    parser.add_argument("--every", type=int, default=1, help="take each so many songs alone")
    asked = parser.parse_args()
    collection = load_collection("gtzan_160", asked.data)
    for kind in asked.kinds:
        figures = measure(kind, collection, asked.work, asked.speech, asked.every)
        figures["told as filtered"] = filtered(collection, RATES[kind])
        print(kind, json.dumps(figures, indent=1), flush=True)
        path = WEIGHTS / f"{kind}.json"
        card = json.loads(path.read_text(encoding="utf-8"))
        if asked.elsewhere:
            card["elsewhere"] = elsewhere(load_classifier(kind), pd.read_csv(asked.elsewhere), asked.called)
            print(json.dumps(card["elsewhere"]))
        write(path, {**card, "robustness": {**figures, "commit": commit(), "seed": 0}})


if __name__ == "__main__":
    main()
