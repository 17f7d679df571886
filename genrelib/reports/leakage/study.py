"""Every system under every split, side by side: what is claimed, what is reproduced, what is left without leaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib.evaluation.intervals import NOTHING, interval, resamples
from genrelib.evaluation.measured import sampled
from genrelib.evaluation.predictions import hits_of, n_genres_of
from genrelib.evaluation.scores import score_predictions
from genrelib.results.claims import headline_claims, read_claims
from genrelib.results.records import read_predictions, read_records, write_when_whole
from genrelib.splits import LEAK_FREE, UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genrelib.training.runs import Runs

NORMAL = 1.96  # half-width of a 95% interval in standard deviations
HEADS = "leakage-{system}-{unit}.parquet"  # in predictions/: of systems that no report has, see `heads`
NO_CLAIM = {"value": np.nan, "split_unit": "", "level": ""}  # on these
WHOLE = {"slice": "track", "track": "slice"}  # where a row is a whole track: what is split by slice is split by track
WHY_WHOLE = "a row is a whole track"


def read_heads(folder: str | Path) -> dict[str, pd.DataFrame]:
    """Read the predictions of systems that no report has: system → predictions of all splits and seeds."""
    frames = {}
    for unit in UNITS:  # from the loosest to the strictest
        for path in sorted((Path(folder) / "predictions").glob(HEADS.format(system="*", unit=unit))):
            frames.setdefault(path.name.split("-")[1], []).append(pd.read_parquet(path))
    return {system: pd.concat(parts, ignore_index=True) for system, parts in frames.items()}


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
    runs : dict, optional
        System → runs under splits without a record.

    Returns
    -------
    measured : pd.DataFrame
        A row a system, split, level and part: system, claimed (NaN of systems that no report has), unit, level, part
        (test; or validation, of a claim on it alone), mean (over the trainings), low, high (of its 95% interval, see
        `genrelib.evaluation.measured.sampled`), tracks, artists (distinct ones that were counted; artists where they
        are kept apart), trainings (their number), leak_free, is_report (the report's own split, level and part). Rows
        of predictions that are whole tracks are of level track, and those split by slice are split by track.
    missing : dict of str to str
        System (and split) → why there is no figure.
    """
    records, rows, missing = read_records(folder), [], {}
    for system, claim_id in headline_claims().items():
        claim = read_claims().loc[claim_id]
        by_unit, reasons = _of_record(records[claim_id], folder, artists) if claim_id in records else ({}, {})
        if runs and system in runs:
            trained = {unit: several for unit, several in runs[system].items() if unit not in by_unit}
            by_unit |= {
                unit: _of_scores([run.scores for run in several], unit, artists) for unit, several in trained.items()
            }
            reasons = runs[system].not_measured | reasons
        if not by_unit and not reasons:
            missing[system] = f"no record of {claim_id} in this run, and not trained here"
        missing |= {f"{system} by {unit}": reason for unit, reason in reasons.items()}
        rows += _rows(system, by_unit, claim)
    for system, frame in read_heads(folder).items():
        tested = _scores_by_unit(frame, [f"p{i}" for i in range(n_genres_of(frame))])
        rows += _rows(system, {unit: _of_scores(scores, unit, artists) for unit, scores in tested.items()}, NO_CLAIM)
    return pd.DataFrame(rows), missing


def lacking(folder: str | Path, systems: list[str], units: list[str]) -> dict[str, list[str]]:
    """Name the splits under which a run has no record of a system, nor a reason: system → splits, none without any."""
    records, lacks = read_records(folder) if Path(folder).is_dir() else {}, {}
    for system in systems:
        claim_id = headline_claims()[system]
        record = records.get(claim_id, {"split_unit": None, "other_protocols": {}})
        known = {record["split_unit"], *record["other_protocols"]}
        if "slice" in known and _is_whole(read_predictions(folder, claim_id)):
            known.add("track")
        lacks[system] = [unit for unit in units if unit not in known]
    return {system: some for system, some in lacks.items() if some}


def keep(folder: str | Path, **tables: pd.DataFrame) -> None:
    """Keep what a page shows of this run beside its records: ``leakage.json``, each table a list of rows."""
    rows = {name: json.loads(table.to_json(orient="records", double_precision=6)) for name, table in tables.items()}
    write_when_whole(Path(folder) / "leakage.json", json.dumps(rows, indent=1) + "\n")


def three_figures(measured: pd.DataFrame) -> list[dict]:
    """Choose of each system of `gather` that a report has what a reader grasps at once.

    These are system, level, claimed, reproduced, leak_free: the last two a dict unit, part, mean, low, high, or None.
    What is leak-free is of the test part, always.
    """
    rows = []
    for system, part in measured.dropna(subset="claimed").groupby("system", sort=False):
        own = part[part["is_report"]]
        level = own["level"].iloc[0] if len(own) else read_claims().loc[headline_claims()[system], "level"]
        free = part[part["leak_free"] & (part["level"] == level) & (part["part"] == "test")]
        free = free.sort_values("unit", key=lambda units: units.map(LEAK_FREE.index))
        row = {"system": system, "level": level, "claimed": part["claimed"].iloc[0]}
        for name, table in (("reproduced", own), ("leak_free", free)):
            row[name] = table.iloc[0][["unit", "part", "mean", "low", "high"]].to_dict() if len(table) else None
        rows.append(row)
    return rows


def kept_predictions(folder: str | Path, runs: dict[str, Runs] | None = None) -> dict[str, pd.DataFrame]:
    """Collect the predictions behind the records, and behind the runs under splits that have none; see `gather`.

    System → predictions of all splits and seeds; systems without any are absent.
    """
    kept = {}
    for system, claim_id in headline_claims().items():
        frame = _split_truly(read_predictions(folder, claim_id))
        frames = [frame] if len(frame) else []
        known = set(frame["protocol"]) if len(frame) else set()
        further = runs[system].items() if system in (runs or {}) else ()
        frames += [run.scores.frame for unit, several in further if unit not in known for run in several]
        if frames:
            kept[system] = pd.concat(frames, ignore_index=True)
    return kept | read_heads(folder)


def interval_widths(frame: pd.DataFrame, sizes: Sequence[int], *, artists: pd.Series | None = None) -> pd.DataFrame:
    """Say how wide the interval of an accuracy, of predictions under one split, would be with other numbers of tracks.

    As many tracks are drawn from those of the frame, with replacement; with track → artist, as many artists as have
    that number of tracks in the mean. A row a size: tracks; half_width (of the 95% interval);
    if_slices_were_independent (what a count of slices would give, which is too narrow).
    """
    groups = frame["track_id"] if artists is None else frame["track_id"].map(artists).fillna(frame["track_id"])
    shares = frame.assign(hit=hits_of(frame)).groupby(groups)["hit"].agg(["sum", "count"]).to_numpy(float)
    n_tracks, (right, n), rows = frame["track_id"].nunique(), shares.sum(axis=0), []
    rng, accuracy, per_track = np.random.default_rng(0), right / n, n / n_tracks
    for size in sizes:
        drawn = max(1, round(size * len(shares) / n_tracks))
        right, n = (resamples(len(shares), seed=rng, size=drawn) @ shares).T
        low, high = interval(right / n)
        alone = NORMAL * np.sqrt(accuracy * (1 - accuracy) / (size * per_track))
        rows.append({"tracks": size, "half_width": (high - low) / 2, "if_slices_were_independent": alone})
    return pd.DataFrame(rows)


def tracks_needed(widths: pd.DataFrame, half_width: float) -> int:
    """Say how many test tracks, by `interval_widths`, an interval of a half-width such as .02 (±2 points) takes.

    It shrinks as their square root grows.
    """
    largest = widths.loc[widths["tracks"].idxmax()]
    return int(np.ceil(largest["tracks"] * (largest["half_width"] / half_width) ** 2))


def _rows(system, by_unit, claim):
    """Give a row a split, level and part; see `gather`."""
    return [
        {"system": system, "claimed": float(claim["value"]), "unit": unit, "level": level, "part": part,
         "is_report": (unit, level) == (claim["split_unit"], claim["level"]), "leak_free": unit in LEAK_FREE, **figures}
        for unit, levels in by_unit.items() for (level, part), figures in levels.items()
    ]  # fmt: skip


def _of_record(record, folder, artists):
    """Give unit → (level, part) → figures, and unit → reason."""
    by_unit, reasons, tested = {}, {}, {}
    frame = read_predictions(folder, record["claim_id"])
    if record["scores"] and len(frame):
        tested = _scores_by_unit(frame, list(record["scores"][0]["slice"]["recall"]))
    whole, protocols = _is_whole(frame), {record["split_unit"]: record, **record["other_protocols"]}
    truly = WHOLE if whole and "slice" in protocols else {}
    for unit, part in protocols.items():
        if part.get("not_measured"):
            reasons[truly.get(unit, unit)] = part["not_measured"]
            continue
        levels = _of_scores(tested[unit], unit, artists, is_report=False) if unit in tested else {}
        # the recorded figure is of the part and vote that the claim is about: at times validation, a mean over repeats
        if part["mean"] is not None:
            validated = part is record and record["evaluated_on"] == "validation"
            at = "track" if whole else record["level"], "validation" if validated else "test"
            low, high = part["ci95"] or NOTHING
            counts = {"tracks": part["n_tracks_test"], "artists": part.get("n_artists_test")}
            counts["trainings"] = len(part["values"]) * record["options"].get("repeats", 1)
            levels[at] = {"mean": part["mean"], "low": low, "high": high, **counts, "is_report": part is record}
        by_unit[truly.get(unit, unit)] = levels
    return by_unit, ({"slice": WHY_WHOLE} if whole else {}) | reasons


def _is_whole(frame):
    """Say whether rows of predictions are whole tracks: none has two of one track in one training."""
    return len(frame) > 0 and not frame.duplicated(["protocol", "seed", "track_id"]).any()


def _split_truly(frame):
    """Name the split of predictions whose rows are whole tracks, where they are said to be split by slice, by track."""
    return frame.replace({"protocol": {"slice": "track"}}) if _is_whole(frame) else frame


def _scores_by_unit(frame, genres):
    """Score kept predictions, a training at a time: unit → list of Scores."""
    tested = {}
    for (unit, _), part in frame.groupby(["protocol", "seed"], sort=False):
        tested.setdefault(unit, []).append(score_predictions(part, genres, n_resamples=0))
    return tested


def _of_scores(scores, unit, artists, **fields):
    """Give (level, part) → figures of the test part; where rows are whole tracks there is no level of slices."""
    levels, apart = {}, artists if unit in LEAK_FREE else None
    for level in ["track"] if all(_is_whole(each.frame) for each in scores) else ["slice", "track"]:
        how = sampled(scores, level, "accuracy", apart)
        low, high = how["ci95"] or NOTHING
        mean = float(np.mean([getattr(each, level).accuracy for each in scores]))
        counts = {"tracks": how["n_tracks"], "artists": how["n_artists"], "trainings": len(scores)}
        levels[level, "test"] = {"mean": mean, "low": low, "high": high, **counts, **fields}
    return levels
