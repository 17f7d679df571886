"""Measure on the public table of features: the whole of GTZAN without its audio.

The table, features_30_sec.csv, comes with Kaggle's copy of GTZAN and has a row for each of the 1000 tracks; one with
several rows a track, as features_3_sec.csv, is split by track too. The systems of `SYSTEMS` are trained on the very
same parts, under three splits. Random shares are the report's 70:15:15, ten seeds; by artist the three folds of GTZAN's
index take turns, three trainings each; the fault-filtered lists are fixed, so that seeds move the training alone.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genrelib._base import provenance
from genrelib._base.caching import file_when_whole
from genrelib._base.errors import GenrelibError, ResultError, SplitError
from genrelib._base.paths import RESULTS, RUNS, absolute
from genrelib.classify.heads import STRENGTH
from genrelib.evaluation.measured import artists_apart, sampled
from genrelib.evaluation.neighbours import by_kind, nearest_training
from genrelib.features.rows import as_slices, read_table
from genrelib.reports.toronto.new_songs import without_artist_of
from genrelib.reports.toronto.ranking import song_logits, top_genres
from genrelib.reports.toronto.table_systems import COSTS, linear, machine, network, trained
from genrelib.results.records import write_when_whole
from genrelib.splits import ARTIST_FOLDS, LEAK_FREE, split_slices

NAME = "gtzan_features_30s"
SPLITS = ("slice", "artist", "fault_filtered")
WORDS = {"slice": "random tracks", "artist": "by artist", "fault_filtered": "fault-filtered lists"}
# of a table with several rows a track: rows drawn at random are no random tracks
SLICED = {"slice": "random slices of the same tracks", "track": "random tracks", **{u: WORDS[u] for u in SPLITS[1:]}}
SEEDS = tuple(range(10))
TEST, VALIDATION = 0.15, 0.15  # of all rows, in the report
FIT = {"epochs": 100, "batch_size": 32, "patience": 15, "monitor": "val_accuracy"}  # the report gives none of these
SONG = "disco.00014"  # Stayin' Alive, the report's Figure 6
SONG_CLAIMED = ("disco", "pop", "blues")
SYSTEMS = {"feature_mlp": network, "svm": machine, "embedded": linear}
WITHOUT_CHANCE = ("svm", "embedded")  # trained twice on the same parts they are the same


def measure(
    path: str | Path, *, seeds: Sequence[int] = SEEDS, folder: str | Path | None = None,
    fit: dict[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Train and test on a public table, and write what came out.

    Parameters
    ----------
    path : str or Path
        features_30_sec.csv; see `genrelib.features.read_table`.
    seeds : sequence of int
        A split and a training each.
    folder : str or Path, optional
        Where the figures go, as ``results/table.json``, see `read_figures`, and ``predictions/table-<system>.parquet``;
        ``runs/<name of the table>`` unless given. They are written after each system: an interruption keeps the rest.
    fit : dict, optional
        Keywords of `genrelib.training.loop.train` that differ from `FIT`.

    Raises
    ------
    DatasetError
        No such table, or one that `genrelib.features.read_table` refuses.
    SplitError
        No split is possible.
    GenrelibError
        No room on the disk, or a folder that cannot be written.
    """
    path, fit = absolute(path), {**FIT, **(fit or {})}
    rows = as_slices(read_table(path))
    folder = absolute(folder or RUNS / rows.collection.name)
    sliced = bool(rows.table["track_id"].duplicated().any())
    possible, figures = {}, []
    for unit in SLICED if sliced else SPLITS:
        try:
            possible[unit] = [_split(rows, unit, seed) for seed in _seeds_of(rows, unit, seeds)]
        except SplitError as error:
            reason = rows.collection.why_not(unit) or str(error)
            figures += [{"system": system, "split": unit, "not_measured": reason} for system in SYSTEMS]
    if not possible:
        raise SplitError(f"{path}: no split is possible: {figures[0]['not_measured']}")
    song = {"track": SONG, "trained_without": "any row of its artist", "values": []}
    try:
        rest, own = without_artist_of(rows, SONG)
        song_folds = [_split(rest, "track", seed) for seed in seeds]
    except GenrelibError as error:
        song, song_folds = {**song, "not_measured": str(error)}, []
    content = {
        "collection": rows.collection.name,
        "table": {"rows": len(rows), "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "sliced": sliced},
        "shares": {"test": TEST, "validation": VALIDATION},
        "options": {"feature_mlp": fit, "svm": {"kernel": "rbf", "C, chosen on validation": COSTS},
                    "embedded": {"C": STRENGTH["embedded"]}},
        "seeds": list(seeds), "versions": provenance.versions(), "machine": provenance.machine(),
        "commit": provenance.commit(), "figures": figures, "song": song,
    }  # fmt: skip
    pairs = [nearest_training(rows, fold).assign(unit=unit) for unit, folds in possible.items() for fold in folds]
    pairs = pd.concat(pairs, ignore_index=True)
    kinds = by_kind(pairs.assign(hit=pairs["same_genre"]), n_resamples=0)  # of what the nearest training row is
    content["neighbours"] = kinds.drop(columns=["low", "high"]).to_dict("records")
    _write(folder, content)  # a folder that cannot be written is told before anything is trained
    for system, measured in SYSTEMS.items():
        frames = []
        for unit, folds in possible.items():
            start, once = time.perf_counter(), unit == "fault_filtered" and system in WITHOUT_CHANCE
            folds = folds[:1] if once else folds
            scores, validated = zip(*(measured(rows, fold, fit) for fold in folds), strict=True)
            apart = artists_apart(rows.collection, unit)
            seconds = round(time.perf_counter() - start, 1)
            figures.append(_figure(system, unit, scores, validated, folds, apart) | {"seconds": seconds})
            for part, several in {"test": scores, "validation": validated}.items():
                frames += [each.frame.assign(system=system, part=part) for each in several]
            print(f"{system}, {_names(content)[unit]}: accuracy {_words(figures[-1])}", flush=True)
            _write(folder, content, system, frames)  # whatever ends the rest, this is kept
    for fold in song_folds:
        song["values"].append(top_genres(song_logits(trained(rest, fold, fit), rows, own).iloc[0]))
    _write(folder, content)
    return content


def read_figures(folder: str | Path | None = None) -> dict[str, Any]:
    """Read what `measure` wrote into a folder; unless one is given the committed ``results/gtzan_features_30s``.

    ``figures``: for each system and split its accuracies (``values``, one of ``seeds`` each), mean, sd, ci95 and how
    that is made, macro F1, sizes of the parts, tracks and artists tested, accuracies of the validation part that chose
    (``validation``, with its interval and tracks), or ``not_measured``: why. Beside them seeds, versions, commit, the
    table's SHA-256, and ``neighbours``: of `genrelib.evaluation.neighbours.by_kind`, accuracy that of the neighbour's
    genre.

    Raises
    ------
    ResultError
        Nothing was measured yet, or the file is no such result.
    """
    path = _path(folder)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        content["figures"], content["seeds"]
    except FileNotFoundError:
        raise ResultError(f"{path}: no figures of a table; make them: python -m genrelib table PATH") from None
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ResultError(f"{path}: no figures of a table ({error}); measure anew") from error
    return content


def read_table_predictions(folder: str | Path | None = None, part: str = "test") -> pd.DataFrame:
    """Read the predictions that `measure` wrote of a part, with a column ``system``; empty where there are none."""
    paths = sorted((Path(folder or RESULTS / NAME) / "predictions").glob("table-*.parquet"))
    frames = [pd.read_parquet(path, filters=[("part", "==", part)]).drop(columns="part") for path in paths]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"system": []})


def figures_at_hand(path: str | Path | None = None) -> dict[str, Any] | None:
    """Measure on the table at ``path``; without one, give the committed figures, or None where there are none."""
    if path is not None:
        return measure(path)
    return read_figures() if _path().is_file() else None


def chart_rows(content: dict[str, Any], *, claimed: float | None = None) -> list[dict[str, Any]]:
    """Prepare figures for `genrelib.figures.dumbbell`; ``claimed`` is what the report claims of the network."""
    bars = {}
    for figure in content["figures"]:
        own = bars.setdefault(figure["system"], [])
        if "values" in figure:
            low, high = figure["ci95"]
            about = {"name": _names(content)[figure["split"]], "leak_free": figure["leak_free"]}
            own.append({**about, "mean": figure["mean"], "low": low, "high": high})
    if quoted := _quoted(content):
        low, high = quoted["ci95"]
        about = {"name": "random tracks, validation", "leak_free": False}
        bars["feature_mlp"].insert(0, {**about, "mean": quoted["mean"], "low": low, "high": high})
    return [
        {"label": system, "claimed": claimed if system == "feature_mlp" else None, "measured": own}
        for system, own in bars.items()
    ]


def readme_section(content: dict[str, Any]) -> str:
    """Write figures in Markdown: a row a system, a column a split."""
    from genrelib.results.scoreboard import to_markdown

    figures = pd.DataFrame(content["figures"])
    figures["words"] = [_words(figure) for figure in content["figures"]]
    table = figures.pivot(index="system", columns="split", values="words")
    table = table.reindex(figures["system"].unique(), columns=list(_names(content)))
    table = table.rename(columns=_names(content)).rename_axis(index="Accuracy of", columns=None).reset_index()
    n_seeds, firsts = len(content["seeds"]), [three.split("; ") for three in content["song"]["values"]]
    places = [
        f"{genre} is {place} in {sum(named == genre for named in genres)}"
        for place, genre, genres in zip(("first", "second", "third"), SONG_CLAIMED, zip(*firsts))
    ]
    reason = content["song"].get("not_measured", "")
    song = f"{', '.join(places)} of {n_seeds} seeds" if firsts else f"not measured{reason and ': '}{reason}"
    figure = _quoted(content)
    quoted = "The network's validation accuracy by random tracks, which the report quotes: "
    quoted = f"{quoted}{_words(figure | {'n_tracks': figure['n_tracks_test'], 'leak_free': False})}. " if figure else ""
    return (
        f"{to_markdown(table)}\n{content['table']['rows']} rows, {n_seeds} seeds: mean ± standard deviation over them, "
        "and a 95% interval that resamples tracks, artists where they are kept apart, and trainings that share a test "
        f"part. {quoted}Stayin' Alive, by networks that saw no row of its artist: "
        f"{song}.\n"
    )


def _quoted(content):
    """Give the figure that the report quotes, of the validation part; None where it was not measured."""
    from genrelib.results.scoreboard import validated

    figures = {(figure["system"], figure["split"]): figure for figure in content["figures"]}
    own = figures.get(("feature_mlp", "slice"), {})
    return validated(own) if "validation" in own else None


def _path(folder=None):
    return Path(folder or RESULTS / NAME) / "results" / "table.json"


def _seeds_of(rows, unit, seeds):
    """By artist each fold is tested as often as the others, where the collection has folds that take turns."""
    turns = unit == "artist" and "artist_fold" in rows.collection.tracks
    return seeds[: len(seeds) // ARTIST_FOLDS * ARTIST_FOLDS] or seeds if turns else seeds


def _split(rows, unit, seed):
    return split_slices(rows, unit, TEST, VALIDATION / (1 - TEST), seed)


def _names(content):
    """Give the words for each split that was asked for, in order."""
    return SLICED if content["table"]["sliced"] else WORDS


def _figure(system, unit, scores, validated, folds, artists):
    values, checked = [each.slice.accuracy for each in scores], sampled(validated, "slice", "accuracy", artists)
    return {
        "system": system, "split": unit, "metric": "accuracy", "values": values, "mean": float(np.mean(values)),
        "sd": float(np.std(values, ddof=1)) if len(values) > 1 else None,
        **sampled(scores, "slice", "accuracy", artists), "seeds": [fold.seed for fold in folds],
        "validation": [each.slice.accuracy for each in validated], "validation_ci95": checked["ci95"],
        "n_tracks_validation": checked["n_tracks"], "macro_f1": [each.slice.macro_f1 for each in scores],
        "leak_free": unit in LEAK_FREE,
        "n_train": [len(fold.train) for fold in folds], "n_test": [len(fold.test) for fold in folds],
    }  # fmt: skip


def _words(figure):
    if "values" not in figure:
        return f"not measured: {figure['not_measured']}"
    spread = "" if figure["sd"] is None else f" ± {figure['sd']:.3f}"
    ends = " ({:.3f} to {:.3f})".format(*figure["ci95"]) if figure["ci95"] else ""
    apart = f" of {figure['n_artists']} artists" if figure["leak_free"] else ""
    return f"{figure['mean']:.3f}{spread}{ends}, {figure['n_tracks']} tracks{apart}"


def _write(folder, content, system=None, frames=()):
    if frames:
        with file_when_whole(folder / "predictions" / f"table-{system}.parquet") as temporary:
            pd.concat(frames, ignore_index=True).to_parquet(temporary, index=False, compression="zstd")
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_when_whole(folder / "results" / "table.json", text)
