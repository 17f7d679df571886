"""A support vector machine on a row of features a track, by cross-validation repeated many times.

What the Turin report says: a multiclass support-vector machine on the thirty features of Tzanetakis and Cook; the
dataset rescaled between 0 and 1; ten-fold cross-validation; "iterated 1000 times and the results averaged". Claimed:
.67, beside the .61 of 2002.

What it leaves open, and what is chosen here: the kernel (radial basis function), how several classes are told apart
(one against one, libsvm's own way), C and gamma (scikit-learn's defaults, fixed beforehand: in repeated validation
every track is tested, so whatever is chosen by looking at tracks is chosen by tracks that are tested later, and a
choice inside each of 10,000 training parts costs 120 times as long). One deviation: the features are rescaled by the
least and the greatest value of the training folds alone. The report rescaled the whole set, so that test tracks had a
say in it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genrelib._base.deal import deal
from genrelib._base.errors import GenrelibError, SplitError, listed
from genrelib._base.parallel import over_tracks
from genrelib.datasets.collection import Collection
from genrelib.evaluation.intervals import interval_of_mean
from genrelib.evaluation.measured import N_RESAMPLES, Figures, Measured, artists_apart
from genrelib.evaluation.scores import score_predictions, units_of
from genrelib.splits import Fold

if TYPE_CHECKING:
    from genrelib.training.runs import Runs

SYSTEM = "tzanetakis_svm"
N_FOLDS = 10  # the report's, and Tzanetakis and Cook's
N_REPEATS = 1000  # the report's
ACCURACY_2002 = 0.61  # Tzanetakis and Cook, Musical genre classification of audio signals, as the report quotes it
SETTINGS = {"C": 1.0, "gamma": "scale"}  # "scale" is 1 / (features · their variance), of the training folds
UNITS = ("track", "album", "artist")
TASKS = 50  # of repeats: few enough to be cheap to send, enough for a bar that moves
CI95_IS = (
    "95% bootstrap interval of the mean over all repeats, which resamples tracks, or artists where they are kept "
    "apart; how far repeats differ is in options"
)


@dataclass(frozen=True, eq=False)  # arrays have no one truth: a result is equal to itself alone
class RepeatedSvm:
    """Hold what repeated cross-validation found.

    ``frame`` has one row a track, as `genrelib.evaluation.scores` has predictions; ``p0``, ``p1``, … are the shares of
    the repeats in which the track was given each genre.
    """

    unit: str  # what was never in two folds: track, album or artist
    n_folds: int
    settings: dict[str, Any]  # C and gamma, as scikit-learn's SVC takes them
    genres: list[str]  # in label order
    frame: pd.DataFrame = field(repr=False)
    accuracies: np.ndarray = field(repr=False)  # [n_repeats], over all tracks, each tested once a repeat
    ci95: tuple[float, float]  # of the mean accuracy; see CI95_IS
    seconds: float

    @property
    def accuracy(self) -> float:
        """Mean over the repeats."""
        return float(self.accuracies.mean())

    @property
    def spread(self) -> float:
        """Standard deviation over the repeats; NaN of one."""
        return float(self.accuracies.std(ddof=1)) if len(self.accuracies) > 1 else float("nan")

    @property
    def confusion(self) -> np.ndarray:
        """Counts of one repeat [k, k], averaged over the repeats; rows are true."""
        shares = self.frame.filter(regex=r"^p\d+$").groupby(self.frame["true"]).sum()
        return shares.reindex(range(len(self.genres)), fill_value=0).to_numpy()

    @property
    def options(self) -> dict[str, Any]:
        """What fixes the run, for `genrelib.record`."""
        return {
            **self.settings, "folds": self.n_folds, "repeats": len(self.accuracies), "sd over repeats": self.spread,
            "predictions": "shares of the repeats in which a track was given each genre; scores are of the commonest",
        }  # fmt: skip


@dataclass(frozen=True)
class RepeatedSvms:
    """Hold repeated cross-validation under several splits: ``svms["track"]``, ``"artist" in svms``."""

    collection: Collection
    by_unit: dict[str, RepeatedSvm]  # only what was measured
    not_measured: dict[str, str] = field(default_factory=dict)  # unit → the reason in words

    def __getitem__(self, unit: str) -> RepeatedSvm:
        if unit not in self.by_unit:
            reason = self.not_measured.get(unit, "not asked for")
            raise SplitError(f"the machine by {unit}: not measured, since {reason}")
        return self.by_unit[unit]

    def __contains__(self, unit: str) -> bool:
        return unit in self.by_unit

    def measured(self, folder: Path) -> Measured:
        """Give the accuracies as `genrelib.record` takes them; ``folder`` is that of the run."""
        none, figures = np.array([], dtype=int), {}
        for unit, result in self.by_unit.items():
            fold = Fold(unit, 0, none, none, result.frame["slice"].to_numpy())  # each track is tested once a repeat
            scores = [score_predictions(result.frame, result.genres)]
            figures[unit] = Figures([result.accuracy], [fold], scores, result.ci95, CI95_IS)
        units = [*self.by_unit, *self.not_measured]
        options = next((result.options for result in self.by_unit.values()), {})
        about = (SYSTEM, self.collection, Path(folder), "accuracy", units[0])
        return Measured(*about, figures, self.not_measured, options)


def repeated_svm(
    features: pd.DataFrame, collection: Collection, unit: str = "track", *, n_repeats: int = N_REPEATS,
    n_folds: int = N_FOLDS, n_jobs: int | None = None, progress: bool = True,
) -> RepeatedSvm:  # fmt: skip
    """Cross-validate the machine again and again, each time over other folds.

    Parameters
    ----------
    features : pd.DataFrame
        A row a track, indexed by ``track_id``: numbers, and ``label``, which is passed over; most often
        `genrelib.features.tzanetakis_table`.
    collection : Collection
        Knows the genres and artists.
    unit : {"track", "album", "artist"}
        What stays together. Tracks whose artist or album is unknown are left out.
    n_repeats, n_folds : int
        There are fewer folds where a genre has fewer tracks, or artists.
    n_jobs, progress
        As in `genrelib._base.parallel.over_tracks`.

    Raises
    ------
    SplitError
        The collection cannot support ``unit``; the message says why.
    GenrelibError
        Values that are no finite numbers, tracks that the collection does not have, or no repeat.
    """
    begin = time.perf_counter()
    rows, labels, groups, tracks = _rows(features, collection, unit, n_repeats)
    counts = pd.Series(groups).groupby(labels).nunique()
    n_folds = min(n_folds, int(counts.min()))
    parts = np.array_split(np.arange(n_repeats), min(TASKS, n_repeats))
    tasks = [(rows, labels, groups, n_folds, seeds) for seeds in parts]
    how = {"label": "SVM, repeats", "n_jobs": n_jobs, "processes": True, "progress": progress}
    answers = np.concatenate(over_tracks(_tested, tasks, name="SVM", cannot="repeats failed", **how))
    genres, hits = collection.genres, answers == labels  # (n_repeats, n_tracks)
    votes = (answers[:, :, None] == np.arange(len(genres))).mean(axis=0)  # (n_tracks, k)
    frame = pd.DataFrame({"track_id": tracks, "slice": np.arange(len(tracks)), "true": labels})
    frame = frame.assign(**{f"p{i}": votes[:, i] for i in range(len(genres))}, seed=0, protocol=unit)
    ci95 = interval_of_mean(hits.mean(axis=0), groups if unit == "artist" else tracks, n_resamples=N_RESAMPLES)
    seconds = time.perf_counter() - begin
    return RepeatedSvm(unit, n_folds, SETTINGS, genres, frame, hits.mean(axis=1), ci95, seconds)


def repeated_svms(
    features: pd.DataFrame, collection: Collection, units: Sequence[str] = ("track", "artist"), **settings: Any
) -> RepeatedSvms:
    """Run `repeated_svm` under several splits, and print a line each."""
    results, reasons = {}, {}
    for unit in units:
        try:
            results[unit] = result = repeated_svm(features, collection, unit, **settings)
        except SplitError as error:
            reasons[unit] = collection.why_not(unit) or str(error)
            print(f"{SYSTEM} by {unit}: not measured, since {reasons[unit]}")
            continue
        low, high = result.ci95
        print(
            f"{SYSTEM} by {unit}: accuracy {result.accuracy:.3f} (95% interval {low:.3f} to {high:.3f}), "
            f"{result.spread:.3f} between {len(result.accuracies)} repeats of {result.n_folds} folds, "
            f"{result.seconds:.0f} s",
            flush=True,
        )
    return RepeatedSvms(collection, results, reasons)


def above_svm(runs: Runs, svm: RepeatedSvms) -> Measured:
    """Give by how much a network's vote is above the machine on the same test tracks, under the splits of both.

    The machine's accuracy on a track is the share of its repeats that named it rightly. The interval resamples tracks,
    or artists where they are kept apart, the same on both sides.
    """
    reasons = {unit: svm.not_measured.get(unit, "the machine was not run so") for unit in runs if unit not in svm}
    by_unit = {unit: _above(several, svm[unit], runs.collection) for unit, several in runs.items() if unit in svm}
    about = (runs.system, runs.collection, runs.folder, f"accuracy_difference_to_{SYSTEM}", runs.main)
    options = next((several[0].options for several in runs.runs.values()), {})
    return Measured(*about, by_unit, {**runs.not_measured, **reasons}, options, runs)


def _above(runs, svm, collection):
    artists, gains, others = artists_apart(collection, svm.unit), [], []
    for run in runs:
        units, tracks = units_of(run.scores.frame, len(svm.genres))
        true, votes, _ = units["track_majority"]
        other = svm.frame.set_index("track_id", drop=False).loc[tracks]
        right = other.filter(regex=r"^p\d+$").to_numpy()[np.arange(len(tracks)), true]
        gains.append(pd.Series((votes.argmax(axis=1) == true) - right, tracks))
        others.append(score_predictions(other.reset_index(drop=True), svm.genres, n_resamples=0))
    every = pd.concat(gains)
    sizes = np.repeat([len(gain) for gain in gains], [len(gain) for gain in gains])
    weighted = every * len(every) / (len(gains) * sizes)  # its mean is the mean over the trainings
    groups = every.index if artists is None else artists.loc[every.index]
    drawn = f"the {every.index.nunique()} tracks"
    if artists is not None:
        drawn = f"the {groups.nunique()} artists of {every.index.nunique()} tracks"
    return Figures(
        [float(gain.mean()) for gain in gains], [run.fold for run in runs], [run.scores for run in runs],
        interval_of_mean(weighted, groups, n_resamples=N_RESAMPLES),
        f"95% interval of the mean paired difference, the vote by most slices less the share of the machine's repeats "
        f"that were right, from {N_RESAMPLES} resamples of {drawn}",
        [run.history for run in runs], every.index.nunique(), None if artists is None else groups.nunique(), others,
    )  # fmt: skip


def _rows(features, collection, unit, n_repeats):
    """Give features [n, d], labels [n], groups [n] and track ids of the tracks whose group is known."""
    if n_repeats < 1:
        raise GenrelibError(f"cross-validation is done once at least; given n_repeats={n_repeats}")
    if unit not in UNITS:
        raise SplitError(f"a machine on a row a track is split by {', '.join(UNITS)}; given {unit!r}")
    reason = collection.why_not(unit)
    if reason:
        raise SplitError(f"unit={unit!r} is not possible: {reason}")
    features = features.drop(columns="label", errors="ignore")
    if features.index.has_duplicates:
        raise GenrelibError("the machine takes one row a track; some come twice: take a table of whole tracks")
    strange = features.index.difference(collection.tracks.index)
    if len(strange):
        raise GenrelibError(f"{collection.name} has no such tracks:\n{listed(strange)}\ngive the one of the table")
    bad = features.index[~np.isfinite(features.to_numpy(dtype=float)).all(axis=1)]
    if len(bad):
        raise GenrelibError(f"every feature is a finite number; these tracks have others:\n{listed(bad)}\nmend them")
    groups = collection.groups(unit).loc[features.index]
    known = groups.notna().to_numpy()
    features, groups = features[known], groups[known].to_numpy(dtype=str)
    genres = pd.Categorical(collection.tracks["genre"].loc[features.index], categories=collection.genres)
    rows = np.ascontiguousarray(features.to_numpy(dtype=np.float64))  # what libsvm takes without a copy
    return rows, genres.codes.astype(int), groups, features.index.to_numpy()


def _folds(labels, groups, n_folds, seed):
    """Give (train, test) positions of each fold, whole groups dealt in equal shares."""
    dealt = deal(labels, groups, [1 / n_folds] * n_folds, seed)
    return [(np.flatnonzero(dealt != fold), np.flatnonzero(dealt == fold)) for fold in range(n_folds)]


def _tested(rows, labels, groups, n_folds, seeds):
    """Give the label that each repeat gives each track [n_seeds, n_tracks]."""
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler
    from sklearn.svm import SVC

    machine = make_pipeline(MinMaxScaler(), SVC(**SETTINGS))
    folds = (_folds(labels, groups, n_folds, int(seed)) for seed in seeds)
    return np.stack([cross_val_predict(machine, rows, labels, cv=cv).astype(np.int16) for cv in folds])
