"""The command ``python -m genrelib classify SONG…``: an answer a song, and a clear line for what could not be read."""

import json
import sys

from genrelib.classify.classifier import find_songs, load_classifier
from genrelib._base.errors import GenrelibError
from genrelib._base.parallel import progress_bar

BAR = 24  # characters of a probability of 1


def classify_songs(paths, *, model=None, top=3, as_json=False):
    """Classify files and folders, one after the other, and print the answers.

    Parameters
    ----------
    paths : sequence of str or Path
    model : str or Path, optional
        See `genrelib.classify.classifier.load_classifier`.
    top : int > 0
        Genres a song.
    as_json : bool
        Print one JSON object at the end: model, trust, songs, failed.

    Returns
    -------
    int
        0, or 1 when anything could not be read; each such line goes to standard error, and the rest goes on.

    Raises
    ------
    GenrelibError
        The model cannot be loaded.
    """
    classifier = load_classifier(model)
    songs, failed = _songs_of(paths)
    answers = []
    for song in progress_bar(songs, total=len(songs), label="classifying", show=len(songs) > 1):
        try:
            answer = classifier.classify(song, top)
        except GenrelibError as error:
            failed.append(_failure(song, error))
            continue
        answers.append(answer)
        if not as_json:
            print(answer_in_words(answer), flush=True)
    if as_json:
        content = {"model": classifier.name, "trust": classifier.trust, "songs": [one.to_dict() for one in answers]}
        print(json.dumps({**content, "failed": failed}, indent=1, ensure_ascii=False, allow_nan=False))
    elif answers:
        print(f"model: {classifier.trust}")
    return int(bool(failed))


def answer_in_words(answer):
    """Write an answer for a terminal: a bar a genre, and a letter a slice.

    Parameters
    ----------
    answer : genrelib.classify.classifier.Answer

    Returns
    -------
    str
        Several lines.
    """
    minutes, seconds = divmod(round(answer.seconds), 60)
    lines = [f"{answer.song} ({minutes}:{seconds:02d}) by {answer.model}"]
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
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _songs_of(paths):
    songs, failed = [], []
    for path in paths:
        try:
            songs += find_songs([path])
        except GenrelibError as error:
            failed.append(_failure(path, error))
    return list(dict.fromkeys(songs)), failed


def _failure(song, error):
    print(f"not classified: {error}", file=sys.stderr, flush=True)
    return {"song": str(song), "error": str(error)}
