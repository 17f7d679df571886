"""Rows about whole pieces of work: a long song classified, and a notebook that is run again."""

import numpy as np
import soundfile as sf

from genrelib.audio import read_audio
from genrelib.datasets import load_collection
from genrelib.reports.run import reproduce
from tools.bench.measuring import alternate, row, scratch, seconds_of
from tools.bench.rows_audio import MP3_RATE, first

SONG_SECONDS = 600
NOTEBOOK = "01"


def classify_song(settings):
    """Classify ten minutes of mp3 by the 53 numbers, against loading it whole and describing it step by step."""
    floor = "mp3 decoding, then the 57 numbers of 200 steps, two fifths of it their harmonic part"
    return _song_by("embedded", settings, limit_seconds=5, floor=floor)


def classify_pretrained(settings):
    """Classify ten minutes of mp3 by musicnn, against the same."""
    return _song_by("pretrained", settings, limit_seconds=8, floor="mp3 decoding, then musicnn forwards on 200 steps")


def _song_by(name, settings, **aims):
    import librosa

    from genrelib.classify import load_classifier

    classifier, answers = load_classifier(name), {}
    rate, n_samples = classifier.card["sample_rate"], classifier.n_samples

    def step_by_step(song):
        samples, _ = librosa.load(song, sr=rate)
        steps = samples[: len(samples) // n_samples * n_samples].reshape(-1, n_samples)
        votes = [classifier.decide(classifier.hear(step[None]))[0] for step in steps]
        answers["plain"] = np.mean(votes, axis=0)

    def at_once(song):
        answers["ours"] = list(classifier.classify(song).probabilities.values())

    with scratch(settings) as folder:
        song = folder / "song.mp3"
        _write_song(settings.collection, song)
        step_by_step(song), at_once(song)  # imports and compiling
        plain_seconds, our_seconds = alternate(
            lambda: seconds_of(lambda: step_by_step(song)), lambda: seconds_of(lambda: at_once(song)), settings.repeats
        )
    return row(
        name=f"classify a 10-minute song, {name}",
        plain=f"librosa.load, then what {name} hears, step by step",
        ours=f'load_classifier("{name}").classify',
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        collection=settings.collection.name,
        note=f"stereo mp3 at 44.1 kHz, the model loaded before on both sides; their probabilities differ by "
        f"{np.abs(np.subtract(answers['ours'], answers['plain'])).max():.1g} at most",
        **aims,
    )


def notebook_again(settings):
    """Run notebook 01 on the demo in a fresh folder, and again on what that run has kept."""
    with scratch(settings) as folder:
        load_collection("demo", folder, progress=False)  # synthesised before, as other audio is fetched before
        run = {"notebooks": [NOTEBOOK], "seeds": [0], "data": folder, "folder": folder / "runs"}
        first_seconds, again_seconds = (seconds_of(lambda: reproduce("demo", **run)) for _ in range(2))
    return row(
        name=f"second run of notebook {NOTEBOOK}",
        plain="the first run",
        ours="the second run, on the slices, spectrograms and trainings that the first one kept",
        plain_seconds=[first_seconds],
        our_seconds=[again_seconds],
        floor="starting a kernel and TensorFlow, and drawing the figures",
        collection="demo",
        note="one seed; measured once",
    )


def _write_song(collection, path):
    """Write ten minutes of the collection's tracks as stereo mp3, from the start again where they are too short."""
    n_samples, pieces, held = SONG_SECONDS * MP3_RATE, [], 0
    tracks = list(first(collection, 20).tracks["path"])
    while held < n_samples:
        pieces.append(read_audio(tracks[len(pieces) % len(tracks)], sample_rate=MP3_RATE))
        held += len(pieces[-1])
    left = np.concatenate(pieces)[:n_samples]
    sf.write(path, np.stack([left, np.roll(left, MP3_RATE // 100)], axis=1), MP3_RATE, format="MP3")
