"""Every system under every split, side by side: what is claimed, what is reproduced, what is left without leaks.

What can be paired, and what cannot: two systems under one split, on the tracks that both were tested on. One system
under two splits has other test parts, and other training parts: only its tracks that were tested under both can be
compared, each with itself.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib._base.errors import ResultError
from genrelib.evaluation.intervals import N_RESAMPLES, NOTHING, interval, interval_of_mean, resamples
from genrelib.evaluation.measured import sampled
from genrelib.evaluation.predictions import hits_of
from genrelib.evaluation.scores import paired_difference, score_predictions
from genrelib.results.claims import headline_claims, read_claims
from genrelib.results.records import read_predictions, read_records
from genrelib.splits import LEAK_FREE

if TYPE_CHECKING:
    from genrelib.training.runs import Runs

NORMAL = 1.96  # half-width of a 95% interval in standard deviations


def gather(
    folder: str | Path, artists: pd.Series, runs: dict[str, Runs] | None = None
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Set what is claimed of each system beside every split that it was measured under.

    Parameters
    ----------
    folder : str or Path
        Of the run, whose records are read.
    artists : pd.Series
        Track → artist, ``collection.groups("artist")``: what intervals resample where artists are kept apart.
    runs : dict of str to Runs, optional
        Of systems and splits without a record.

    Returns
    -------
    measured : pd.DataFrame
        A row a system, split and level: system, claimed, report_unit, unit, level, mean (over the
        trainings), low, high (of its 95% interval, see `genrelib.evaluation.measured.sampled`), leak_free, tracks,
        artists (distinct ones tested; artists where they are kept apart), is_report (the report's own split and level).
    missing : dict of str to str
        System (and split) → why there is no figure.
    """
    records, claims = read_records(folder), read_claims()
    rows, missing = [], {}
    for system, claim_id in headline_claims().items():
        claim = claims.loc[claim_id]
        by_unit, reasons = _of_record(records[claim_id], folder, artists) if claim_id in records else ({}, {})
        if runs and system in runs:
            by_unit = {
                unit: _of_scores([run.scores for run in several], unit, artists)
                for unit, several in runs[system].items() if unit not in by_unit
            } | by_unit  # fmt: skip
            reasons = runs[system].not_measured | reasons
        if not by_unit and not reasons:
            missing[system] = f"no record of {claim_id} in this run, and not trained here"
            continue
        missing |= {f"{system} by {unit}": reason for unit, reason in reasons.items()}
        fixed = {"system": system, "claimed": float(claim["value"]), "report_unit": claim["split_unit"]}
        for unit, levels in by_unit.items():
            for level, figures in levels.items():
                own = unit == claim["split_unit"] and level == claim["level"]
                rows.append({**fixed, "unit": unit, "level": level, **figures, "is_report": own})
    measured = pd.DataFrame(rows)
    if len(measured):
        measured["leak_free"] = measured["unit"].isin(LEAK_FREE)
    return measured, missing


def lacking(folder: str | Path, systems: list[str], units: list[str]) -> dict[str, list[str]]:
    """Name the splits under which a run has no record of a system, nor a reason for having none.

    Returns
    -------
    dict of str to list of str
        System → splits; without the systems that lack none.
    """
    records, lacks = read_records(folder) if Path(folder).is_dir() else {}, {}
    for system in systems:
        record = records.get(headline_claims()[system], {"split_unit": None, "other_protocols": {}})
        known = {record["split_unit"], *record["other_protocols"]}
        lacks[system] = [unit for unit in units if unit not in known]
    return {system: some for system, some in lacks.items() if some}


def three_figures(measured: pd.DataFrame) -> list[dict]:
    """Choose of each system what a reader grasps at once: claimed, reproduced, leak-free.

    Parameters
    ----------
    measured : pd.DataFrame
        Of `gather`.

    Returns
    -------
    list of dict
        system, level, claimed, reproduced, leak_free: the last two a dict unit, mean, low, high, or None.
    """
    rows = []
    for system, part in measured.groupby("system", sort=False):
        own = part[part["is_report"]]
        level = own["level"].iloc[0] if len(own) else read_claims().loc[headline_claims()[system], "level"]
        free = part[part["leak_free"] & (part["level"] == level)]
        free = free.sort_values("unit", key=lambda units: units.map(LEAK_FREE.index))
        row = {"system": system, "level": level, "claimed": part["claimed"].iloc[0]}
        for name, table in (("reproduced", own), ("leak_free", free)):
            row[name] = table.iloc[0][["unit", "mean", "low", "high"]].to_dict() if len(table) else None
        rows.append(row)
    return rows


def kept_predictions(folder: str | Path, runs: dict[str, Runs] | None = None) -> dict[str, pd.DataFrame]:
    """Collect the predictions behind the records, and behind the runs under splits that have none.

    Parameters
    ----------
    folder, runs
        See `gather`.

    Returns
    -------
    dict of str to pd.DataFrame
        System → predictions of all splits and seeds; systems without any are absent.
    """
    found = {}
    for system, claim_id in headline_claims().items():
        frame = read_predictions(folder, claim_id)
        known = set(frame["protocol"]) if len(frame) else set()
        further = runs[system].items() if system in (runs or {}) else ()
        frames = [run.scores.frame for unit, several in further if unit not in known for run in several]
        if len(frame) or frames:
            found[system] = pd.concat([frame, *frames] if len(frame) else frames, ignore_index=True)
    return found


def paired_systems(predictions: dict[str, pd.DataFrame], unit: str) -> pd.DataFrame:
    """Compare every two systems under one split, on the tracks that both were tested on.

    Each track has one vote, the mean of its slices' probabilities, so that systems of slices of any length compare.

    Parameters
    ----------
    predictions : dict of str to pd.DataFrame
        Of `kept_predictions`.
    unit : str

    Returns
    -------
    pd.DataFrame
        A row a pair: a, b, tracks (in common, over all seeds), difference (accuracy of a less that of b), low, high.
    """
    votes = {system: _track_votes(frame[frame["protocol"] == unit]) for system, frame in predictions.items()}
    rows = []
    for a, b in combinations([system for system, frame in votes.items() if len(frame)], 2):
        first, second = _in_common(votes[a], votes[b])
        if len(first):
            difference, (low, high) = paired_difference(first, second)
            rows.append({"a": a, "b": b, "tracks": len(first), "difference": difference, "low": low, "high": high})
    return pd.DataFrame(rows, columns=["a", "b", "tracks", "difference", "low", "high"])


def paired_splits(frame: pd.DataFrame, unit: str, other: str) -> dict:
    """Compare one system with itself under two splits, on the tracks that were tested under both.

    Parameters
    ----------
    frame : pd.DataFrame
        One system's predictions under both splits.
    unit, other : str

    Returns
    -------
    dict
        tracks, difference (share of a track's slices named rightly by ``unit`` less by ``other``, the mean over those
        tracks), low, high.

    Raises
    ------
    ResultError
        No track was tested under both.
    """
    hits = frame.assign(hit=hits_of(frame)).groupby(["protocol", "track_id"])["hit"].mean()
    both = [hits.xs(name) if name in hits.index.get_level_values(0) else hits.iloc[:0] for name in (unit, other)]
    if any(shares.empty for shares in both) or both[0].index.intersection(both[1].index).empty:
        raise ResultError(f"a track is compared with itself; none was tested by {unit} and by {other} both")
    gain = (both[0] - both[1]).dropna()
    low, high = interval_of_mean(gain, gain.index)
    return {"tracks": len(gain), "difference": float(gain.mean()), "low": low, "high": high}


def interval_widths(frame: pd.DataFrame, sizes, *, n_resamples: int = N_RESAMPLES, seed: int = 0) -> pd.DataFrame:
    """Say how wide the interval of an accuracy would be with other numbers of test tracks.

    Parameters
    ----------
    frame : pd.DataFrame
        Predictions of slices under one split.
    sizes : sequence of int
        Numbers of tracks: as many are drawn, with replacement, from those of the frame.
    n_resamples, seed : int

    Returns
    -------
    pd.DataFrame
        A row a size: tracks; half_width (of the 95% interval); if_slices_were_independent (what a count of slices
        would give, which is too narrow).
    """
    shares = frame.assign(hit=hits_of(frame)).groupby("track_id")["hit"].agg(["sum", "count"]).to_numpy(float)
    rng, accuracy, per_track = np.random.default_rng(seed), shares[:, 0].sum() / shares[:, 1].sum(), shares[:, 1].mean()
    rows = []
    for size in sizes:
        right, n = (resamples(len(shares), n_resamples, rng, size=size) @ shares).T
        low, high = interval(right / n)
        alone = NORMAL * np.sqrt(accuracy * (1 - accuracy) / (size * per_track))
        rows.append({"tracks": size, "half_width": (high - low) / 2, "if_slices_were_independent": alone})
    return pd.DataFrame(rows)


def tracks_needed(widths: pd.DataFrame, half_width: float) -> int:
    """Say how many test tracks an interval of a given half-width takes: it shrinks as their square root grows.

    Parameters
    ----------
    widths : pd.DataFrame
        Of `interval_widths`.
    half_width : float
        .02 for ±2 points.

    Returns
    -------
    int
    """
    largest = widths.loc[widths["tracks"].idxmax()]
    return int(np.ceil(largest["tracks"] * (largest["half_width"] / half_width) ** 2))


def _track_votes(frame: pd.DataFrame) -> pd.DataFrame:
    """Reduce predictions of slices to one row a track and seed: the mean probability.

    Returns
    -------
    pd.DataFrame
        As `genrelib.evaluation.scores` has predictions; ``slice`` counts the tracks in alphabetical order.
    """
    mean = frame.groupby(["seed", "track_id", "true", "protocol"], as_index=False).mean(numeric_only=True)
    return mean.assign(slice=pd.factorize(mean["track_id"], sort=True)[0])


def _in_common(first, second):
    keys = ["seed", "track_id", "true"]
    shared = first[keys].merge(second[keys])
    tracks = {track: place for place, track in enumerate(sorted(shared["track_id"].unique()))}
    parts = [frame.merge(shared, on=keys).sort_values(keys, ignore_index=True) for frame in (first, second)]
    return [part.assign(slice=part["track_id"].map(tracks).astype(int)) for part in parts]


def _of_record(record, folder, artists):
    """Give unit → level → figures, and unit → reason. A figure that is not of scores stands at its claim's level."""
    by_unit, reasons = {}, {}
    tested = _scores_by_unit(record, read_predictions(folder, record["claim_id"]))
    for unit, part in {record["split_unit"]: record, **record["other_protocols"]}.items():
        if part.get("not_measured"):
            reasons[unit] = part["not_measured"]
            continue
        levels = _of_scores(tested[unit], unit, artists) if unit in tested else {}
        # the recorded figure is of the part that the claim is about, at times validation; other splits stay with test
        if part["mean"] is not None and (part is record or not levels):
            low, high = part["ci95"] or NOTHING
            counts = {"tracks": part["n_tracks_test"], "artists": part.get("n_artists_test")}
            levels[record["level"]] = {"mean": part["mean"], "low": low, "high": high, **counts}
        by_unit[unit] = levels
    return by_unit, reasons


def _scores_by_unit(record, frame):
    """Score the kept predictions of a record, a training at a time; none where it holds no scores."""
    if frame.empty or not record["scores"]:
        return {}
    genres, tested = list(record["scores"][0]["slice"]["recall"]), {}
    for (unit, _), part in frame.groupby(["protocol", "seed"], sort=False):
        tested.setdefault(unit, []).append(score_predictions(part, genres, n_resamples=0))
    return tested


def _of_scores(scores, unit, artists):
    levels, apart = {}, artists if unit in LEAK_FREE else None
    for level in ("slice", "track"):
        how = sampled(scores, level, "accuracy", apart)
        low, high = how["ci95"] or NOTHING
        mean = float(np.mean([getattr(one, level).accuracy for one in scores]))
        counts = {"tracks": how["n_tracks"], "artists": how["n_artists"]}
        levels[level] = {"mean": mean, "low": low, "high": high, **counts}
    return levels
