"""A saved model and any song: its likeliest genres, and a timeline of them.

A song is decoded and resampled in blocks and predicted in batches, so that an hour of sound takes the memory of a
minute. Slices do not overlap, as in training; the tail that fills no slice is dropped. Silent slices have no vote.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from genrelib import audio
from genrelib.classify.cards import read_card, trust_in_words
from genrelib.datasets._files import audio_files
from genrelib._base.errors import AudioError, GenrelibError, ResultError

PRETRAINED = Path(__file__).parent / "pretrained" / "gtzan_140_small.keras"
SILENT = 1 / audio.INT16_SCALE  # below one step of 16 bit


@dataclass(frozen=True, eq=False)  # tables have no one truth: an answer is equal to itself alone
class Answer:
    """Hold what a model says of a song.

    Attributes
    ----------
    song : str
    seconds : float
    top : list of (str, float)
        The likeliest genres and their probabilities, the likeliest first.
    probabilities : dict of str to float
        Of every genre: the mean over the slices that are not silent.
    timeline : pd.DataFrame
        A row a slice: start and end [s], and a column a genre; NaN where the slice is silent.
    notes : list of str
        What a listener should know: padded, partly silent.
    model : str
        Name of the model.
    trust : str
        What it was trained on, and how often it is right on artists that it never heard.
    """

    song: str
    seconds: float
    top: list
    probabilities: dict
    timeline: pd.DataFrame = field(repr=False)
    notes: list
    model: str
    trust: str

    def to_dict(self):
        """Give what JSON holds; a silent slice's probabilities are null."""
        genres = list(self.probabilities)
        timeline = [
            {"start": row["start"], "end": row["end"], "probabilities": None if np.isnan(row[genres[0]]) else
             {genre: round(row[genre], 4) for genre in genres}}
            for row in self.timeline.to_dict("records")
        ]  # fmt: skip
        return {
            "song": self.song,
            "seconds": round(self.seconds, 3),
            "top": [{"genre": genre, "probability": round(share, 4)} for genre, share in self.top],
            "probabilities": {genre: round(share, 4) for genre, share in self.probabilities.items()},
            "timeline": timeline,
            "notes": self.notes,
            "model": self.model,
            "trust": self.trust,
        }


@dataclass(frozen=True, eq=False)
class Classifier:
    """Hold a model and its card; see `load_classifier`.

    Attributes
    ----------
    name : str
    card : dict
        See `genrelib.classify.cards.read_card`.
    n_samples : int
        Samples that the model takes at once.
    predict : callable
        From float32 samples in -1..1 [shape=(n, n_samples)] to probabilities [shape=(n, n_genres)].
    """

    name: str
    card: dict
    n_samples: int
    predict: object = field(repr=False)

    @property
    def trust(self):
        """What it was trained on, and how far to trust it, in a sentence."""
        return trust_in_words(self.name, self.card)

    def classify(self, song, top=3):
        """Name the likeliest genres of a song.

        Parameters
        ----------
        song : str or Path
            Any format that `genrelib.audio.read_audio` reads, of any length and rate. One shorter than a slice is
            padded with silence, which the answer's notes say.
        top : int > 0
            How many genres.

        Returns
        -------
        Answer

        Raises
        ------
        AudioError
            Missing, not audio, truncated, silent throughout, or not finite.
        """
        rate, genres = self.card["sample_rate"], self.card["genres"]
        if top < 1:
            raise GenrelibError(f"an answer names one genre at least; given top={top}")
        heard, n_samples, votes, notes = [], 0, [], []
        for slices, n_new in _slices_of(song, self.n_samples, rate, notes):
            n_samples += n_new
            if len(slices):
                heard.append(np.abs(slices).max(axis=1) >= SILENT)
                votes.append(self.predict(slices))
        heard, votes = np.concatenate(heard), np.concatenate(votes)
        if not heard.any():
            raise AudioError(f"{song}: silent throughout; a song holds sound: there is no genre to name")
        mean = votes[heard].mean(axis=0)
        best = np.argsort(-mean, kind="stable")[:top]
        return Answer(
            song=str(song),
            seconds=n_samples / rate,
            top=[(genres[i], float(mean[i])) for i in best],
            probabilities={genre: float(share) for genre, share in zip(genres, mean, strict=True)},
            timeline=_timeline(votes, heard, genres, self.n_samples / rate),
            notes=notes + _notes(n_samples, self.n_samples, rate, heard),
            model=self.name,
            trust=self.trust,
        )


def load_classifier(path=None):
    """Load a saved model that takes raw audio, with its card.

    Parameters
    ----------
    path : str or Path, optional
        A ``.keras`` file with a card beside it, or of a run (``runs/<collection>/models/<claim>.keras``). The small
        model that comes with genrelib unless given.

    Returns
    -------
    Classifier

    Raises
    ------
    GenrelibError
        No such model, no card, or a model that does not take raw audio and give a number a genre.
    """
    import tensorflow as tf

    from genrelib.evaluation.scores import gives_logits
    from genrelib.training.loop import load_model

    path = Path(path or PRETRAINED)
    model = load_model(path)
    card = read_card(path)
    outputs = model.output_shape
    if len(model.inputs) != 1 or len(model.inputs[0].shape) != 2 or outputs[1:] != (len(card["genres"]),):
        raise ResultError(
            f"{path}: to classify a song takes a model from raw audio (batch, samples) to its {len(card['genres'])} "
            f"genres; this one goes from {model.input_shape} to {outputs}; the mel and raw networks are such models"
        )
    logits, n_samples = gives_logits(model), model.inputs[0].shape[1]

    @tf.function(input_signature=[tf.TensorSpec((None, n_samples), tf.float32)])
    def compute(samples):
        given = model(samples, training=False)
        return tf.nn.softmax(given) if logits else given

    compute(tf.zeros((1, n_samples)))  # traced now, not while the first song waits
    return Classifier(path.stem, card, n_samples, lambda samples: compute(samples).numpy())


def find_songs(paths):
    """List the songs that files and folders name.

    Parameters
    ----------
    paths : sequence of str or Path
        A folder stands for every audio file below it.

    Returns
    -------
    list of Path
        A file as it was named, whether it is there or not; no song twice.

    Raises
    ------
    AudioError
        A folder without audio.
    """
    songs = []
    for path in map(Path, paths):
        found = audio_files(path, audio.SUFFIXES) if path.is_dir() else [path]
        if not found:
            raise AudioError(f"{path}: no audio in this folder; files end in {', '.join(sorted(audio.SUFFIXES))}")
        songs += found
    return list(dict.fromkeys(songs))


def _slices_of(path, n_samples, sample_rate, notes=None):
    """Give whole slices block by block [n, n_samples], each with how many samples came; a short song is padded."""
    held, n_slices = np.empty(0, np.float32), 0
    for block in audio.read_blocks(path, sample_rate=sample_rate, notes=notes):
        held = np.concatenate([held, block.astype(np.float32) / audio.INT16_SCALE])
        n = len(held) // n_samples
        yield held[: n * n_samples].reshape(n, n_samples), len(block)
        held, n_slices = held[n * n_samples :], n_slices + n
    if not n_slices:
        yield audio.trim_or_pad(held, n_samples / sample_rate, sample_rate)[None], 0


def _timeline(votes, heard, genres, seconds):
    starts = np.arange(len(votes)) * seconds
    table = pd.DataFrame(np.where(heard[:, None], votes, np.nan), columns=genres)
    table.insert(0, "start", starts)
    table.insert(1, "end", starts + seconds)
    return table


def _notes(n_heard, n_samples, rate, heard):
    notes = []
    if n_heard < n_samples:
        notes.append(f"{n_heard / rate:.2f} s long: padded with silence to the {n_samples / rate:g} s that it takes")
    if not heard.all():
        notes.append(f"{(~heard).sum()} of {len(heard)} slices are silent and have no vote")
    return notes
