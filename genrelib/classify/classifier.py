"""A model and any song: its likeliest genres, a timeline of them, and how far to trust the answer.

A song is heard in steps of about 3 s; its answer is the mean over them. Where half a second or more would be left over,
one more step ends with it. Where a card names a hop, steps of a song under two minutes overlap: where it begins then
decides less. A clip shorter than a step is heard as it is where numbers allow it, and repeated to the length that a
network takes: padding it with silence costs a third of the right answers. Silent steps have no vote.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genrelib import audio
from genrelib._base.errors import AudioError, GenrelibError
from genrelib.classify.cards import trust_in_words
from genrelib.slices import NEARLY

BATCH = 64  # steps heard at once
# of the loudest step's power, -60 dB: what a room's reverberation time calls died away. Music's softest steps lie some
# 40 dB below its loudest; dither of 16 bit and what resampling leaves in zeros 70 and more below music
SILENT = 1e-6
SHORTEST_SECONDS = 0.5  # less sound than a beat: nobody could name its genre
STRANGE = "unlike anything that it learned from: do not trust this answer"
FILTERED = "that it learned from: filtered sound is often named otherwise"
LONG = 40  # steps, two minutes of them: a longer song has enough without overlap, and is answered in half the time
# of a song's power lies above its band; it is told where that is less than this share of what the model hears: the
# cards say how often that is of unheard music, and of the same songs filtered
TREBLE, BAND = 1e-5, 0.7
NEAR_TIE = 0.1  # the first two genres are named together where they are nearer than this


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
        Of every genre: the mean over the steps that are not silent; halfway to guessing where the sound is told as
        unlike anything learned, since such were never counted.
    timeline : pd.DataFrame
        A row a hop, and one of what is left: start and end [s], and a column a genre, the mean of the steps that cover
        it; NaN where these are silent.
    notes : list of str
        What a listener should know: a near tie, unlike anything learned, repeated, partly silent.
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

    def to_dict(self) -> dict[str, Any]:
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


def step_starts(n: int, n_samples: int, hop: int, sample_rate: int) -> np.ndarray:
    """Give the first samples of a song's steps: a hop apart, and one that ends with it where much would be left."""
    starts = np.arange(0, max(n - n_samples, 0) + 1, hop)
    left = n - n_samples - starts[-1]
    return np.append(starts, starts[-1] + left) if left >= SHORTEST_SECONDS * sample_rate else starts


@dataclass(frozen=True, eq=False)
class Classifier:
    """Hold a model and its card; see `load_classifier`.

    Attributes
    ----------
    name : str
    card : dict
        See `genrelib.classify.cards.read_card`; ``sample_rate`` [Hz] is what sound is brought to, ``level`` (if there
        is one) the root mean square.
    n_samples : int
        Samples a step.
    hear : callable
        From float32 steps in -1..1 [shape=(n, n_samples)], or one shorter clip [shape=(1, m)] where ``whole`` is
        False, to numbers [shape=(n, d)].
    decide : callable
        From numbers [shape=(n, d)] to probabilities [shape=(n, n_genres)].
    strange : callable, optional
        From the numbers of a song's steps [shape=(n, d)] to True where they are unlike anything learned.
    whole : bool
        True where a step must be ``n_samples`` long.
    """

    name: str
    card: dict
    n_samples: int
    hear: Callable = field(repr=False)
    decide: Callable = field(repr=False, default=lambda probabilities: probabilities)
    strange: Callable | None = field(repr=False, default=None)
    whole: bool = True

    @property
    def trust(self) -> str:
        """What it was trained on, and how far to trust it, in a sentence."""
        return trust_in_words(self.name, self.card)

    def _hop(self, n):
        return self.n_samples if n > LONG * self.n_samples else self.card.get("hop_samples", self.n_samples)

    def classify(
        self, song: str | Path | bytes | np.ndarray, top: int = 3, *, sample_rate: int | None = None
    ) -> Answer:
        """Name the likeliest genres of a song.

        Parameters
        ----------
        song : str, Path, bytes or np.ndarray [shape=(n,)]
            A file of any format, length and rate; what such a file holds; or mono samples, int16 or float in -1..1.
        top : int > 0
            How many genres.
        sample_rate : int [Hz], optional
            Of an array.

        Returns
        -------
        Answer

        Raises
        ------
        AudioError
            Missing, not audio, truncated, silent throughout, shorter than half a second, or not finite.

        Examples
        --------
        >>> import numpy as np
        >>> from genrelib.classify import Classifier
        >>> card = {"genres": ["loud", "quiet"], "sample_rate": 8000, "trained_on": "nothing", "accuracy": None,
        ...         "trust": ""}
        >>> def by_loudness(steps):
        ...     loud = np.abs(steps).max(axis=1)
        ...     return np.stack([loud, 1 - loud], axis=1)
        >>> answer = Classifier("by_loudness", card, 4000, by_loudness).classify(np.full(9000, 0.75), sample_rate=8000)
        >>> answer.top
        [('loud', 0.75), ('quiet', 0.25)]
        """
        rate, genres = self.card["sample_rate"], self.card["genres"]
        if top < 1:
            raise GenrelibError(f"an answer names one genre at least; given top={top}")
        name, samples, notes = _samples_of(song, sample_rate, rate)
        if len(samples) < (least := SHORTEST_SECONDS * rate):
            has = f"{len(samples)} samples at {rate} Hz"
            raise AudioError(f"{name}: {has}; a genre takes {SHORTEST_SECONDS:g} s at least, {least:g} of them")
        starts = step_starts(len(samples), self.n_samples, self._hop(len(samples)), self.card["sample_rate"])
        steps, heard = self._steps(samples, starts)
        if not heard.any():
            raise AudioError(f"{name}: silent throughout; a song holds sound: there is no genre to name")
        loud = steps[heard]
        numbers = np.concatenate([self.hear(loud[start : start + BATCH]) for start in range(0, len(loud), BATCH)])
        votes = np.full((len(steps), len(genres)), np.nan)
        votes[heard] = self.decide(numbers)
        mean, notes = votes[heard].mean(axis=0), [*notes, *self._trust_notes(loud, numbers)]
        if STRANGE in notes:
            mean = (mean + 1 / len(genres)) / 2
        best = np.argsort(-mean, kind="stable")
        return Answer(
            song=name,
            seconds=len(samples) / rate,
            top=[(genres[i], float(mean[i])) for i in best[:top]],
            probabilities={genre: float(share) for genre, share in zip(genres, mean, strict=True)},
            timeline=self._timeline(votes, starts, len(samples)),
            notes=notes + self._notes(samples, heard, mean, best),
            model=self.name,
            trust=self.trust,
        )

    def _steps(self, samples, starts):
        """Cut a song into steps [n, n_samples], a shorter one repeated or as it is [1, m], and tell which are heard."""
        if len(samples) >= self.n_samples:
            steps = np.lib.stride_tricks.sliding_window_view(samples, self.n_samples)[starts]
        else:
            steps = (np.resize(samples, self.n_samples) if self.whole else samples)[None]
        steps = audio.as_float(steps)
        edge = steps.shape[1] // 1000  # a sudden start right behind a step rings in its last samples, once resampled
        power = np.mean(np.square(steps[:, edge : steps.shape[1] - edge]), axis=1)
        heard = power > SILENT * power.max()
        if heard.any() and self.card.get("level"):
            steps = steps * (self.card["level"] / np.sqrt(np.mean(np.square(steps[heard]))))
        return steps, heard

    def _timeline(self, votes, starts, n):
        """Give a row a hop, and one of what is left: the mean of the steps that cover it."""
        ends, rate = np.minimum(starts + self.n_samples, n), self.card["sample_rate"]
        edges = np.union1d(starts[starts % self._hop(n) == 0], ends)
        cover = (starts <= edges[:-1, None]) & (ends >= edges[1:, None])
        heard = ~np.isnan(votes)
        with np.errstate(invalid="ignore"):  # 0 / 0 where all is silent
            means = (cover @ np.where(heard, votes, 0)) / (cover @ heard.astype(float))
        shares = dict(zip(self.card["genres"], means.T, strict=True))
        return pd.DataFrame({"start": edges[:-1] / rate, "end": edges[1:] / rate, **shares})

    def _trust_notes(self, steps, numbers):
        if self.strange is None:
            return
        if self.strange(numbers):
            yield STRANGE
        highest = self.card["sample_rate"] / 2
        if (band := band_of(steps, 2 * highest)) < BAND * highest:
            yield f"nothing above {band / 1000:.1f} kHz of the {highest / 1000:g} kHz {FILTERED}"

    def _notes(self, samples, heard, mean, best):
        notes, rate, genres = [], self.card["sample_rate"], self.card["genres"]
        if mean[best[0]] - mean[best[1]] < NEAR_TIE:
            notes.append(f"between {genres[best[0]]} and {genres[best[1]]}")
        if self.whole and NEARLY * len(samples) < self.n_samples:
            seconds = self.n_samples / rate
            notes.append(f"{len(samples) / rate:.2f} s long: repeated to the {seconds:g} s that the network takes")
        if not heard.all():
            notes.append(f"{(~heard).sum()} of {len(heard)} steps are silent and have no vote")
        return notes


def band_of(steps: np.ndarray, sample_rate: int) -> float:
    """Give the frequency [Hz] below which nearly all power of steps [n, samples] lies, heard at twenty of them.

    Examples
    --------
    >>> time = np.arange(8000) / 8000
    >>> band_of(np.sin(2 * np.pi * np.array([[440], [1000]]) * time), sample_rate=8000)
    1003.90625
    """
    from scipy.signal import welch

    some = steps[:: -(-len(steps) // 20)]
    frequencies, power = welch(some, sample_rate, nperseg=min(2048, some.shape[1]))
    within = np.cumsum(power.sum(axis=0, dtype=np.float64))
    return float(frequencies[np.searchsorted(within, (1 - TREBLE) * within[-1])])


def _samples_of(song, given_rate, rate):
    """Give a name, mono samples at ``rate``, int16 of files and float32 of arrays, and what reading noted."""
    notes = []
    if isinstance(song, (bytes, bytearray)):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "song"
            path.write_bytes(song)
            try:
                return "song", audio.read_int16(path, sample_rate=rate, notes=notes), notes
            except AudioError as error:  # the file is no name that anybody gave
                words = str(error).replace(f"ffmpeg -i {path}", "ffmpeg -i -").replace(str(path), "song")
                raise AudioError(words) from error
    if not isinstance(song, np.ndarray):
        return audio.shown(song), audio.read_int16(song, sample_rate=rate, notes=notes), notes
    if not given_rate:
        raise AudioError("an array of samples needs its sample_rate in Hz; give sample_rate=44100 or whatever it has")
    if song.ndim != 1 or not song.size or (song.dtype != np.int16 and song.dtype.kind != "f"):
        raise AudioError(
            f"an array holds mono samples, int16 or floats; given {song.dtype} {song.shape}; average channels, "
            "such as samples.mean(axis=1), and divide other whole numbers by their full scale, such as samples / 2**31"
        )
    return "samples", audio.read_array(song, given_rate, sample_rate=rate, notes=notes), notes
