"""What `genrelib.run_protocols` gives: the trainings of one system under several splits, and what they say together."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from genrelib._base.errors import GenrelibError, SplitError
from genrelib.datasets.collection import Collection
from genrelib.evaluation.measured import (
    Figures,
    Measured,
    artists_apart,
    counted_from,
    figures_of_difference,
    figures_of_runs,
    means_of,
)
from genrelib.evaluation.scores import Scores, evaluate
from genrelib.splits import Fold


@dataclass(frozen=True)
class Run:
    """Hold one training of one system under one split from one seed."""

    system: str
    unit: str
    seed: int
    fold: Fold
    scores: Scores  # on the fold's test part; of several outputs, of the first
    history: Any  # a History
    folder: Path  # holds ``model.keras``, ``curves.csv``, the predictions, and ``run.json``
    options: dict[str, Any] = field(default_factory=dict)  # of network and training, and the rate of sound [Hz]
    commit: str = "unknown"  # of the code that trained, which may be an earlier one than now runs
    versions: dict[str, str] = field(default_factory=dict)  # of Python and the packages that trained
    outputs: dict[str, dict[str, Scores]] = field(default_factory=dict)  # "train" or "test" → output, of several
    output: str = ""  # the one of several outputs that ``scores`` are of
    tested: Scores | None = None  # of the test part, where ``scores`` are of the validation part

    @property
    def model_path(self) -> Path:
        """The saved model, for `genrelib.training.load_model`."""
        return self.folder / "model.keras"

    @property
    def gap(self) -> float:
        """Accuracy a slice in training less that in the test, of the weights that were kept."""
        if self.output:
            train, test = (self.outputs[part][self.output].slice.accuracy for part in ("train", "test"))
            return train - test
        trained = self.history.curves["accuracy"].iloc[self.history.best_epoch - 1]
        return float(trained - (self.tested or self.scores).slice.accuracy)


@dataclass(frozen=True)
class Runs:
    """Hold the trainings of one system under several splits, a `Run` a seed.

    ``runs["artist"]`` is a list of Run, and raises SplitError with the reason where there is none; ``"artist" in
    runs`` asks before; to loop over runs is to loop over the units that were measured, in the order asked for.

    Examples
    --------
    >>> import genrelib as gl
    >>> slices = gl.cut_slices(gl.load_collection("demo"), seconds=0.5, sample_rate=8000)
    >>> runs = gl.run_protocols("raw_cnn1d", slices, ("track", "fault_filtered"), (0,), fit={"epochs": 1})
    raw_cnn1d by track, seed 0: test accuracy ...
    raw_cnn1d by fault_filtered: not measured, since demo has no fault-filtered lists...
    >>> list(runs), runs["track"][0].seed
    (['track'], 0)
    >>> list(runs.table().columns)
    ['seeds', 'slice', 'track (mean probability)', 'track (majority)', 'top 3', 'macro F1', 'leak-free']
    """

    system: str
    collection: Collection
    folder: Path  # of the run, ``runs/<collection>``
    genres: list[str]  # in label order; of several outputs, the labels of the one that the scores are of
    main: str  # the unit asked for first: the report's own
    runs: dict[str, list[Run]]  # unit → a Run a seed; only what was measured
    not_measured: dict[str, str] = field(default_factory=dict)  # unit → the reason in words
    is_report: bool = True  # False where the network is none of `genrelib.models`, but the reader's own

    def __getitem__(self, unit: str) -> list[Run]:
        if unit in self.runs:
            return self.runs[unit]
        if unit in self.not_measured:
            raise SplitError(f"{self.system} by {unit}: not measured, since {self.not_measured[unit]}")
        units = ", ".join([*self.runs, *self.not_measured])
        raise SplitError(f"{self.system} was not run by {unit!r}, but by {units}; name it in units=")

    def __contains__(self, unit: str) -> bool:
        return unit in self.runs

    def __iter__(self) -> Iterator[str]:
        return iter(self.runs)

    def __len__(self) -> int:
        return len(self.runs)

    def __or__(self, other: Runs) -> Runs:
        """Add the units of further runs of the same system, which may have other seeds."""
        if (other.system, other.genres) != (self.system, self.genres):
            raise GenrelibError(f"runs of {self.system} and of {other.system} are two systems: keep them apart")
        reasons = {**self.not_measured, **other.not_measured}
        runs = {**self.runs, **other.runs}
        return replace(self, runs=runs, not_measured={unit: why for unit, why in reasons.items() if unit not in runs})

    def items(self) -> ItemsView[str, list[Run]]:
        """Give the measured units with their runs."""
        return self.runs.items()

    @property
    def seeds(self) -> list[int]:
        """The seeds of the first unit that was measured."""
        return [run.seed for run in next(iter(self.runs.values()), [])]

    def histories(self, unit: str | None = None) -> list[Any]:
        """Give the History of each seed under one split, the report's own unless given."""
        return [run.history for run in self[unit or self.main]]

    def seconds_an_epoch(self, unit: str | None = None) -> float:
        """Give what an epoch took under one split, the report's own unless given: a mean over all of its trainings."""
        histories = self.histories(unit)
        return sum(each.seconds for each in histories) / sum(each.epochs_run for each in histories)

    def output(self, name: str, part: str = "test") -> Runs:
        """Look at another output of a network with several, in its part "test" or "train": ``scores`` are of that."""

        def look(run: Run) -> Run:
            if name not in run.outputs.get(part, {}):
                known = {part: list(outputs) for part, outputs in run.outputs.items()}
                raise GenrelibError(f"{self.system} has no output {name!r} of part {part!r}; it has {known}")
            return replace(run, scores=run.outputs[part][name], output=name)

        runs = self._each(look)
        genres = next((run.scores.genres for several in runs.values() for run in several), self.genres)
        return replace(self, runs=runs, genres=genres)

    def on_validation(self, rows: Any) -> Runs:
        """Score the validation part of ``rows``, what the runs were trained on: most reports quote that figure.

        Returns
        -------
        Runs
            Their ``scores`` are of the validation part; ``tested`` keeps the test part's.
        """
        from genrelib.training.loop import load_model

        def look(run: Run) -> Run:
            model, positions = load_model(run.model_path), run.fold.validation
            scores = evaluate(model, rows, positions, seed=run.seed, protocol=run.unit)
            return replace(run, scores=scores, tested=run.tested or run.scores)

        return replace(self, runs=self._each(look))

    def measured(self) -> Measured:
        """Give the figures as a record takes them; of the validation part the accuracy a slice, beside test scores."""

        def figures(runs: list[Run]) -> Figures:
            if runs[0].tested:
                return figures_of_runs(runs, self.collection, "slice", "accuracy")
            return Figures.of_runs(runs, [], scores=[run.scores for run in runs])

        validated = any(run.tested for runs in self.runs.values() for run in runs)
        return self._measured("accuracy" if validated else None, figures)

    def by_majority(self, metric: str = "accuracy") -> Measured:
        """Give a figure, such as macro_f1, of the vote by the most frequent label among a track's slices.

        A record takes the mean probability for the track level unless it is told otherwise; the Turin report assigns
        "the most frequent artist among their slices".
        """
        return self._measured(metric, lambda runs: figures_of_runs(runs, self.collection, "track_majority", metric))

    def difference(self, other: Runs, *, level: str = "slice", metric: str | None = None) -> Measured:
        """Give by how much the accuracy is above that of another system on the same folds.

        Parameters
        ----------
        other : Runs
            The seeds that both have are compared.
        level : {"slice", "track", "track_majority"}
        metric : str, optional
            Its name in a record; ``accuracy_difference_to_<the other system>`` unless given.

        Returns
        -------
        Measured
            A value a seed; the interval resamples tracks, or artists where they are kept apart, the same on both sides.
            Of runs `on_validation` the first unit is compared there, every other on its test part.
        """
        reasons = {unit: other.not_measured.get(unit, f"{other.system} was not run so") for unit in self}
        return replace(self, is_report=self.is_report and other.is_report)._measured(
            metric or f"accuracy_difference_to_{other.system}",
            lambda runs: figures_of_difference(runs, other[runs[0].unit], self.collection, level, self.main),
            {unit: reason for unit, reason in reasons.items() if unit not in other},
        )

    def values(
        self, function: Callable[[Run], Any], metric: str, points: Callable[[Run], pd.DataFrame] | None = None
    ) -> Measured:
        """Work out a figure of each run, such as the genre that it recognises best.

        Parameters
        ----------
        function, points : callable
            Run → value; and run → the map that it was read off (a row a slice: x, y, true), kept with the record.
        metric : str
            Its name in a record.
        """

        def figures(runs: list[Run]) -> Figures:
            counts = counted_from([run.scores for run in runs], artists_apart(self.collection, runs[0].unit))
            maps = [points(run) for run in runs if points]
            return Figures.of_runs(runs, [function(run) for run in runs], points=maps, **counts)

        return self._measured(metric, figures)

    def table(self) -> pd.DataFrame:
        """Give a row a split, means over the seeds: accuracies at each level, top 3 and macro F1 a slice."""
        table = pd.DataFrame({unit: means_of(runs) for unit, runs in self.items()}).T
        return table.infer_objects().rename_axis("split")

    def gaps(self) -> pd.DataFrame:
        """Give training less test accuracy a slice: a row a seed, a column a unit."""
        gaps = {unit: pd.Series({run.seed: run.gap for run in runs}) for unit, runs in self.items()}
        return pd.DataFrame(gaps).rename_axis(index="seed", columns="training less test accuracy")

    def recalls(self) -> pd.DataFrame:
        """Give the recall a slice of each genre under each split, mean over the seeds."""
        recalls = {unit: pd.DataFrame([run.scores.slice.recall for run in runs]).mean() for unit, runs in self.items()}
        return pd.DataFrame(recalls).reindex(self.genres).rename_axis("genre")

    def _each(self, look):
        return {unit: [look(run) for run in runs] for unit, runs in self.items()}

    def _measured(self, metric, figures, reasons=None):
        reasons = reasons or {}
        return Measured(
            self.system, self.collection, self.folder, metric, self.main,
            {unit: figures(runs) for unit, runs in self.items() if unit not in reasons},
            {**self.not_measured, **reasons}, next((runs[0].options for runs in self.runs.values()), {}), self,
        )  # fmt: skip
