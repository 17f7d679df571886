"""Read the records of a run and the predictions behind them, and refuse those without the shape they must have."""

from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genrelib._base.caching import file_when_whole
from genrelib._base.errors import ResultError
from genrelib.evaluation.predictions import n_genres_of
from genrelib.results.claims import claim_fields, read_claims
from genrelib.splits import UNITS

if TYPE_CHECKING:
    import pandas as pd

LIMIT = 1_000_000  # bytes of a published file
NUMBER, NONE = (int, float), type(None)
PROTOCOL_FIELDS = {
    "values": list, "mean": (*NUMBER, NONE), "sd": (*NUMBER, NONE), "ci95": (list, NONE), "ci95_is": (str, NONE),
    "seeds": list, "n_tracks_test": (int, NONE), "n_artists_test": (int, NONE), "n_slices_test": (int, NONE),
    "leak_free": bool, "scores": list,
}  # fmt: skip
FIELDS = {
    "claim_id": str, "system": str, "collection": str, "is_demo": bool, "split_unit": str, "level": str, "metric": str,
    "evaluated_on": str, "claimed": (*NUMBER, str), "operator": str, **PROTOCOL_FIELDS, "epochs_run": list,
    "seconds": list, "options": dict, "versions": dict, "machine": dict, "commit": str, "other_protocols": dict,
}  # fmt: skip
SINCE = ("n_artists_test",)  # earlier records lack it
SOME_HAVE = {"not_measured": str, "own_network": bool, "predictions": list}


def read_records(folder: str | Path) -> dict[str, dict[str, Any]]:
    """Read the records of one run.

    Parameters
    ----------
    folder : str or Path
        Of the run; its records are ``results/<claim_id>.json``.

    Returns
    -------
    dict of dict
        Claim → record; empty where nothing was recorded yet.

    Raises
    ------
    ResultError
        No such folder, or a record that is not well formed; the message names the file.

    Examples
    --------
    >>> import genrelib as gl
    >>> session = gl.open_session("demo", folder="runs/doctest")  # doctest: +ELLIPSIS
    collection: demo ...
    >>> _ = gl.not_measured("stanford-worst-genre", "demo has no Instrumental", session)
    >>> [*gl.read_records("runs/doctest")]
    ['stanford-worst-genre']
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ResultError(f"{folder}: no such folder of a run; make one with `python -m genrelib reproduce`")
    claims, records = read_claims(), {}
    for path in sorted((folder / "results").glob("*.json")):
        if path.name.startswith("."):  # a half-written file
            continue
        try:
            content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:  # RecursionError: brackets within brackets, thousands deep
            raise ResultError(f"{path}: a record is JSON; this is not ({error}); record the claim again") from error
        check_record(content, path, claims=claims)
        records[path.stem] = content
    return records


def check_record(content: Any, path: Path, *, claims: pd.DataFrame | None = None) -> None:
    """Refuse a record that does not have the shape it must have; the stem of ``path`` is its claim.

    Raises
    ------
    ResultError
        A field is missing or of another type; the claim is unknown, or has changed since; the mean is not that of
        the values; an interval is no (low, high); a claim that was not measured has a figure.
    """
    claims = read_claims() if claims is None else claims
    if not isinstance(content, dict):
        raise ResultError(f"{path}: a record is a JSON object, not a {type(content).__name__}; record the claim again")
    unmeasured = "not_measured" in content
    _check_fields(content, FIELDS | {name: kind for name, kind in SOME_HAVE.items() if name in content}, path)
    if content["claim_id"] != Path(path).stem or content["claim_id"] not in claims.index:
        raise ResultError(f"{path}: a record has its claim's name; {content['claim_id']!r} is not it, or unknown")
    if not unmeasured:
        _check_protocol(content, path)
    elif content["values"] or content["mean"] is not None or content["ci95"] is not None:
        raise ResultError(f"{path}: what was not measured ({content['not_measured']}) has no figure; record it again")
    for name, now in claim_fields(claims.loc[content["claim_id"]]).items():
        if content[name] != now:
            raise ResultError(f"{path}: {name} is {content[name]!r}, in claims.csv {now!r}; record the claim again")
    for unit, other in content["other_protocols"].items():
        where = f"{path}: other_protocols, {unit}"
        if unit not in UNITS or unit == content["split_unit"] or not isinstance(other, dict):
            raise ResultError(f"{where}: each is a dict under another of {', '.join(UNITS)} than the claim's own split")
        if "not_measured" in other:
            _check_fields(other, {"not_measured": str}, where)
        else:
            _check_fields(other, PROTOCOL_FIELDS, where)
            _check_protocol(other, where)


def _refuse_constant(name):
    raise ValueError(f"{name} is no JSON number")


def _check_fields(content, fields, where):
    missing = [name for name in fields if name not in content and name not in SINCE]
    unknown = [name for name in content if name not in fields]
    if missing or unknown:
        raise ResultError(f"{where}: missing: {missing or 'nothing'}; not of a record: {unknown or 'nothing'}")
    for name, types in fields.items():
        value, types = content.get(name), types if isinstance(types, tuple) else (types,)
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            wanted = " or ".join("null" if one is NONE else one.__name__ for one in types)
            raise ResultError(f"{where}: {name} is {value!r}; it must be of type {wanted}")


def _check_protocol(content, where):
    values, seeds, interval = content["values"], content["seeds"], content["ci95"]
    if not values or (seeds and len(seeds) != len(values)):
        raise ResultError(f"{where}: one value a seed; values {values}, seeds {seeds}")
    if any(isinstance(value, bool) or not isinstance(value, (*NUMBER, str, NONE)) for value in values):
        raise ResultError(f"{where}: values are numbers, words or null; found {values}")
    numbers = [value for value in values if isinstance(value, NUMBER)]
    mean = sum(numbers) / len(numbers) if len(numbers) == len(values) else None
    noted = content["mean"]
    if (mean is None) != (noted is None) or (mean is not None and not math.isclose(mean, noted, abs_tol=1e-9)):
        raise ResultError(f"{where}: the mean of {values} is {mean}; the record has {noted}")
    if interval is not None:
        whole = len(interval) == 2 and all(isinstance(end, NUMBER) for end in interval)
        if not whole or interval[0] > interval[1]:
            raise ResultError(f"{where}: ci95 is null or [low, high]; found {interval}")


def predictions_of(folder: Path, claim_id: str) -> list[Path]:
    """List the files of predictions of one claim, whichever split, seed and part they are of."""
    form = re.compile(rf"{re.escape(claim_id)}(-({'|'.join(['none', *UNITS])})-\d+(-test|-other)?)?\.parquet")
    return [path for path in sorted((Path(folder) / "predictions").glob("*.parquet")) if form.fullmatch(path.name)]


def read_predictions(folder: Path, claim_id: str) -> pd.DataFrame:
    """Read the predictions of a claim on the test part, or on the part that it is about where that is another.

    They are of all splits and seeds, see `genrelib.evaluation.scores`; of a difference those of the claim's own system
    alone; none where the record has none. Where many rows were predicted, such as windows of 100 ms, the label
    ``named`` alone was kept: it has a probability of 1.
    """
    import pandas as pd

    paths = [path for path in predictions_of(folder, claim_id) if not path.name.endswith("-other.parquet")]
    tested = [path for path in paths if path.name.endswith("-test.parquet")]
    frames = [pd.read_parquet(path) for path in tested or paths]
    if not frames:
        return pd.DataFrame()
    n_genres = max(max(n_genres_of(frame), *frame.filter(["true", "named"]).max().astype(int) + 1) for frame in frames)
    return pd.concat([_with_probabilities(frame, n_genres) for frame in frames], ignore_index=True)


def _with_probabilities(frame, n_genres):
    """Give a table of which the named label alone was kept its probabilities; a claim may have parts of both kinds."""
    if "named" not in frame:
        return frame
    named = frame["named"].to_numpy()
    sure = {f"p{label}": (named == label).astype("float32") for label in range(n_genres)}
    return frame.assign(**sure)


def write_when_whole(path: Path, content: str) -> None:
    """Write a text so that a reader, or a killed writer, finds the old file or the new one and nothing between."""
    with file_when_whole(path) as temporary:
        temporary.write_text(content, encoding="utf-8")
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
