"""What a saved model must say of itself: its genres, the audio it takes, what it learned from, how far to trust it.

A card is a JSON file beside the model: ``mine.keras`` and ``mine.json``. The models of a run have none; their claim's
record tells the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genrelib._base.caching import file_when_whole
from genrelib._base.errors import ResultError
from genrelib._base.provenance import versions
from genrelib.audio import INT16_SCALE
from genrelib.splits import LEAK_FREE

if TYPE_CHECKING:
    from genrelib.evaluation.scores import Scores
    from genrelib.slices import SliceSet

FIELDS = {
    "system": str, "genres": list, "sample_rate": int, "trained_on": str, "seed": int, "accuracy": (dict, type(None)),
    "trust": str, "versions": dict,
}  # fmt: skip
NOT_MEASURED = "its accuracy on artists never heard was not measured"
HEARD = {  # what a test part under a split that is not leak-free is made of
    "slice": "on slices of songs that it was trained on",
    "track": "on new songs, by artists of whom it may have heard others",
    "album": "on new albums by artists that it was trained on",
    "": "on a part of which no split is known",
}
DEMO = "Synthesised sound: its answers are evidence of nothing"
LEVEL_SLICES = 500  # enough for a median


def write_card(path: Path, system: str, slices: SliceSet, scores: Scores | None = None) -> Path:
    """Write the card of a network trained on some slices; see `genrelib.save_classifier`.

    Parameters
    ----------
    path : Path
        Of the model.
    system : str
    slices : SliceSet
    scores : Scores, optional
        Of its test part.

    Returns
    -------
    Path
        Of the card, which comes into place only when whole.
    """
    collection = slices.collection
    card = {
        "system": system,
        "genres": list(slices.genres),
        "sample_rate": slices.sample_rate,
        "level": _level_of(slices),
        "trained_on": f"a part of {collection.name} ({len(collection.tracks)} tracks, {len(slices)} slices)",
        "seed": 0 if scores is None else int(scores.frame["seed"].iloc[0]),
        "accuracy": None if scores is None else _accuracy_of_scores(scores),
        "trust": DEMO if collection.is_demo else "",
        "versions": versions(),
    }
    with file_when_whole(card_path(path)) as building:
        building.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return card_path(path)


def card_path(model_path: str | Path) -> Path:
    """Give the place of a model's card.

    Returns
    -------
    Path
    """
    return Path(model_path).with_suffix(".json")


def read_card(model_path: str | Path) -> dict[str, Any]:
    """Read the card beside a model, or make one of the record of the run that the model belongs to.

    Parameters
    ----------
    model_path : str or Path
        ``….keras``

    Returns
    -------
    dict
        system; genres (in the order of the model's output); sample_rate [Hz]; trained_on; seed; trust; versions; and
        accuracy: None, or a dict with protocol, slice, slice_ci95, track, track_ci95, n_tracks.

    Raises
    ------
    ResultError
        Neither card nor record, or one that is not well formed.
    """
    path = card_path(model_path)
    record = Path(model_path).absolute().parent.parent / "results" / path.name
    if path.is_file():
        return _checked(_content(path), path)
    if record.is_file():
        return _checked(_card_of_record(_content(record), record), record)
    raise ResultError(
        f"{model_path}: a model needs its genres' names and its sample rate; there is no {path.name} beside it, nor a "
        "record of it in ../results; `gl.save_classifier` writes a model with its card, or take a model of a run"
    )


def trust_in_words(name: str, card: dict[str, Any]) -> str:
    """Say in a sentence which model answered, and how often it is right on artists that it never heard.

    Parameters
    ----------
    name : str
        Of the model.
    card : dict
        See `read_card`.

    Returns
    -------
    str
    """
    accuracy, about = card["accuracy"], f"{name}, trained on {card['trained_on']}"
    if accuracy is None:
        return f"{about}: {NOT_MEASURED}; {card['trust']}".rstrip("; ")
    levels = (
        [f"{accuracy['slice']:.0%} of slices{_interval(accuracy.get('slice_ci95'))}"] if "slice" in accuracy else []
    )
    if accuracy.get("track") is not None:
        levels.append(f"{accuracy['track']:.0%} of songs{_interval(accuracy.get('track_ci95'))}")
    three = accuracy.get("track_top3")
    heard = HEARD.get(accuracy.get("protocol"), "by artists it had never heard")
    return (
        f"{about}: {heard}, it named {' and '.join(levels)} rightly; guessing names {1 / len(card['genres']):.0%}"
        + (f". The right genre was among its first three for {three:.0%} of songs" if three else "")
        + (f"; {card['beside']}" if "beside" in card else "")
        + (f". {card['trust']}" if card["trust"] else "")
    )


def _interval(ends):
    return f" (95% interval {100 * ends[0]:.0f} to {100 * ends[1]:.0f}%)" if ends else ""


def _content(path):
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ResultError(f"{path}: a card is JSON; this cannot be read as such ({error}); write it anew") from error
    if not isinstance(content, dict):
        raise ResultError(f"{path}: a card is a JSON object, not a {type(content).__name__}; write it anew")
    return content


def _checked(card, path):
    wrong = [name for name, types in FIELDS.items() if name not in card or not isinstance(card[name], types)]
    if wrong or len(set(map(str, card["genres"]))) < 2 or card["sample_rate"] < 1:
        raise ResultError(
            f"{path}: a card holds {', '.join(FIELDS)}, two genres at least and a rate in Hz; "
            f"missing or of another type: {', '.join(wrong) or 'none'}; write it anew"
        )
    accuracy = card["accuracy"]
    if accuracy is not None and not isinstance(accuracy.get("slice", accuracy.get("track")), float):
        raise ResultError(f"{path}: accuracy is null, or holds the share of slices or songs named rightly; {accuracy}")
    return card


def _card_of_record(record, path):
    try:
        genres, seed = list(record["scores"][0]["slice"]["recall"]), record["seeds"][0]
        splits = {record["split_unit"]: record, **record["other_protocols"]}
        measured = {unit: splits[unit] for unit in LEAK_FREE if unit in splits and splits[unit].get("scores")}
        whose, system = record["collection"], record["system"]
        rest = {"versions": record["versions"], "seed": seed, "genres": genres}
        rest["sample_rate"] = record["options"]["sample_rate"]
    except (KeyError, IndexError, TypeError) as error:
        raise ResultError(
            f"{path}: a card is made of a record's scores and of the sample_rate among its options; this record lacks "
            f"them ({error!r}); run its notebook again, which takes the trainings that are kept, or write a card"
        ) from error
    about = DEMO if record["is_demo"] else ""
    exact = record["level"] if record["metric"] == "accuracy" else None
    accuracy = next((_accuracy_of(unit, one, exact) for unit, one in measured.items()), None)
    return {"system": system, "trained_on": f"a part of {whose}", "trust": about, "accuracy": accuracy, **rest}


def _accuracy_of(unit, protocol, exact):
    """Average over the trainings, as a record does; its interval is of the level ``exact`` alone."""
    found = {"protocol": unit, "n_tracks": protocol["n_tracks_test"]}
    for level in ("slice", "track"):
        scores = [one[level]["accuracy"] for one in protocol["scores"]]
        found[level] = sum(scores) / len(scores)
        found[f"{level}_ci95"] = protocol["ci95"] if level == exact else None
    return found


def _accuracy_of_scores(scores):
    levels = {"slice": scores.slice, "track": scores.track}
    figures = {"protocol": str(scores.frame["protocol"].iloc[0]), "n_tracks": scores.track.n}
    for name, level in levels.items():
        figures[name] = level.accuracy
        known = all(np.isfinite(level.ci95["accuracy"]))
        figures[f"{name}_ci95"] = list(level.ci95["accuracy"]) if known else None
    return figures | {"track_top3": scores.track.top3_accuracy}


def _level_of(slices):
    """Give the median root mean square of the slices: a song is brought to it, so that volume decides nothing."""
    chosen = np.linspace(0, len(slices) - 1, min(len(slices), LEVEL_SLICES)).astype(int)
    loudness = [np.sqrt(np.mean(np.square(slices.samples[i].astype(np.float64) / INT16_SCALE))) for i in chosen]
    return float(np.median(loudness))
