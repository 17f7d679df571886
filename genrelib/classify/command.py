"""The command ``python -m genrelib classify SONG…``: an answer a song, and a clear line for what could not be read."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from genrelib._base.errors import GenrelibError
from genrelib._base.parallel import progress_bar
from genrelib.audio import printable, shown
from genrelib.classify.classifier import Answer
from genrelib.classify.loading import find_songs, load_classifier
from genrelib.datasets._files import in_words

STDIN = Path("-")  # by its identity: a file may be called so
BAR = 24  # characters of a probability of 1
BETTER = "a better classifier answers where its weights are: pip install --no-deps musicnn==0.1.0 (29 MB)"


def classify_songs(
    paths: Sequence[str | Path], *, model: str | Path | None = None, top: int = 3, as_json: bool = False,
    as_csv: bool = False,
) -> int:  # fmt: skip
    """Classify files and folders, one after the other, and print the answers.

    Parameters
    ----------
    paths : sequence of str or Path
        ``-`` stands for a song on standard input.
    model : str or Path, optional
        See `genrelib.load_classifier`.
    top : int > 0
        Genres a song.
    as_json : bool
        Print one JSON object at the end: model, trust, songs, passed_over (by reason, the paths), failed.
    as_csv : bool
        Print a table: song, seconds, the first ``top`` genres, a column a genre, and what a listener should know; the
        model and how far to trust it stand on standard error.

    Returns
    -------
    int
        0, or 1 when anything could not be read; each such line goes to standard error, and the rest goes on.

    Raises
    ------
    GenrelibError
        The model cannot be loaded, or an option makes no sense.
    """
    if top < 1:
        raise GenrelibError(f"an answer names one genre at least; given top={top}")
    classifier = load_classifier(model)
    songs, passed_over, failed = _songs_of(paths)
    if classifier.name == "embedded" and songs:
        _say_what_the_first_call_does()
    answers = []
    for song in progress_bar(songs, len(songs), "classifying", show=len(songs) > 1):
        try:
            answer = classifier.classify(sys.stdin.buffer.read() if song is STDIN else song, top)
        except GenrelibError as error:
            failed.append(_failure(song, error))
            continue
        answer = replace(answer, song="-") if song is STDIN else answer
        answers.append(answer)
        if not (as_json or as_csv):
            print(answer_in_words(answer), flush=True)
    for line in in_words(passed_over):
        print(line, file=sys.stderr)
    if as_json:
        content = {
            "model": classifier.name,
            "trust": classifier.trust,
            "songs": [answer.to_dict() for answer in answers],
        }
        content["passed_over"] = {reason: list(map(shown, files)) for reason, files in passed_over.items()}
        print(json.dumps({**content, "failed": failed}, indent=1, allow_nan=False))
    elif as_csv:
        _print_table(answers, classifier.card["genres"])
        print(f"model: {classifier.trust}", file=sys.stderr)
    elif answers:
        print(f"model: {classifier.trust}")
    if model is None and classifier.name == "embedded":
        print(BETTER, file=sys.stderr)
    return int(bool(failed))


def _print_table(answers, genres):
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["song", "seconds", "top", *genres, "notes"])
    for answer in answers:
        shares = [round(answer.probabilities[genre], 4) for genre in genres]
        top = ", ".join(genre for genre, _ in answer.top)
        writer.writerow([answer.song, round(answer.seconds, 3), top, *shares, "; ".join(answer.notes)])


def _say_what_the_first_call_does():
    """Say that numba compiles librosa's loops where none of them is kept yet: it takes a quarter of a minute."""
    places = [Path(place) for place in find_spec("librosa").submodule_search_locations]
    if "NUMBA_CACHE_DIR" in os.environ:
        places.append(Path(os.environ["NUMBA_CACHE_DIR"]))
    if not any(next(place.rglob("*.nbi"), None) for place in places):
        print("compiling, once: about a quarter of a minute", file=sys.stderr, flush=True)


def answer_in_words(answer: Answer) -> str:
    """Write an answer for a terminal: a bar a genre, and what it is stretch by stretch.

    Parameters
    ----------
    answer : Answer

    Returns
    -------
    str
        Several lines.
    """
    name = "standard input" if answer.song == str(STDIN) else printable(answer.song)
    lines = [f"{name} ({_clock(answer.seconds)}) by {answer.model}"]
    lines += [f"  {genre:<12}{share:6.1%}  {'█' * round(BAR * share)}".rstrip() for genre, share in answer.top]
    lines += [f"  {stretch}" for stretch in _stretches(answer.timeline)]
    lines += [f"  note: {note}" for note in answer.notes]
    return "\n".join(lines)


def _stretches(timeline, limit=8):
    """Join neighbouring slices of one genre: ``0:00 to 0:12 rock``; the longest ones where there are many."""
    genres = timeline.columns[2:]
    silent = timeline[genres].isna().any(axis=1)
    best = timeline[genres].fillna(0).idxmax(axis=1).where(~silent, "silence")
    runs = (best != best.shift()).cumsum()
    columns = {"start": ("start", "min"), "end": ("end", "max"), "best": ("best", "first")}
    table = timeline.assign(best=best).groupby(runs).agg(**columns)
    shown = table.loc[(table["end"] - table["start"]).nlargest(limit, keep="all").index[:limit]].sort_index()
    lines = [f"{_clock(row.start)} to {_clock(row.end)} {row.best}" for row in shown.itertuples()]
    return lines + ([f"… and {len(table) - len(shown)} shorter stretches"] if len(table) > len(shown) else [])


def _clock(seconds):
    minutes, tenths = divmod(round(10 * seconds), 600)
    return f"{minutes}:{tenths // 10:02d}" + (f".{tenths % 10}" if tenths % 10 else "")


def _songs_of(paths):
    songs, passed_over, failed = [], {}, []
    for path in paths:
        try:
            found, rest = ([STDIN], {}) if str(path) == "-" else find_songs([path])
        except GenrelibError as error:
            failed.append(_failure(path, error))
            continue
        songs += found
        for reason, files in rest.items():
            passed_over.setdefault(reason, []).extend(files)
    return list(dict.fromkeys(songs)), passed_over, failed


def _failure(song, error):
    words = "standard input" + str(error).removeprefix("song") if song is STDIN else str(error)
    print(f"not classified: {printable(words)}", file=sys.stderr, flush=True)
    return {"song": shown(song), "error": words}
