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
    """Classify ten minutes of mp3 in blocks and batches, against loading it whole and predicting slice by slice."""
    import librosa

    from genrelib.classify.classifier import PRETRAINED, load_classifier
    from genrelib.training.loop import load_model

    classifier, model, given = load_classifier(), load_model(PRETRAINED), {}
    rate, n_samples = classifier.card["sample_rate"], classifier.n_samples

    def slice_by_slice(song):
        samples, _ = librosa.load(song, sr=rate)
        slices = samples[: len(samples) // n_samples * n_samples].reshape(-1, n_samples)
        given["plain"] = np.mean([model.predict(one[None], verbose=0)[0] for one in slices], axis=0)

    def in_batches(song):
        given["ours"] = list(classifier.classify(song).probabilities.values())

    with scratch(settings) as folder:
        song = folder / "song.mp3"
        _write_song(settings.collection, song)
        slice_by_slice(song), in_batches(song)  # imports and tracing
        plain_seconds, our_seconds = alternate(
            lambda: seconds_of(lambda: slice_by_slice(song)), lambda: seconds_of(lambda: in_batches(song)),
            settings.repeats,
        )  # fmt: skip
    return row(
        name="classify a 10-minute song",
        plain="librosa.load, then model.predict slice by slice",
        ours="load_classifier().classify",
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        target=5,
        floor="libsndfile's mp3 decoding and soxr's resampling, one after the other; the mel front end of 200 slices",
        collection=settings.collection.name,
        note=f"stereo mp3 at 44.1 kHz, the model loaded before on both sides; their probabilities differ by "
        f"{np.abs(np.subtract(given['ours'], given['plain'])).max():.1g} at most",
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
