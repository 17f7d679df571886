"""What the reports claim: the table of claims, and each claim in words."""

from __future__ import annotations

import math
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from genrelib._base.errors import ResultError, listed
from genrelib._base.paths import table_path
from genrelib.splits import UNITS

if TYPE_CHECKING:
    import pandas as pd

    from genrelib.evaluation.scores import Scores

FIGURES = ("accuracy", "macro_f1", "weighted_f1", "macro_precision", "macro_recall", "top3_accuracy")
SOURCES = ("stated", "derived", "unknown")  # of the number of tracks that a claim was counted from
OPERATORS = {"=": "", "<": "below ", "<=": "at most ", ">": "above ", ">=": "at least "}  # and in words
COLUMNS = (
    "claim_id", "report", "system", "task", "metric", "metric_words", "evaluated_on", "split_unit", "level", "operator",
    "value", "n_tested", "n_tested_source", "report_collection", "headline", "contradiction", "reason", "note",
    "words_of_the_report",
)  # fmt: skip


def read_claims(path: Path | None = None) -> pd.DataFrame:
    """Read what the reports claim.

    Parameters
    ----------
    path : Path, optional
        Another table than the package's own ``data/claims.csv``; docs/adding-a-report.md says what its columns mean.

    Returns
    -------
    pd.DataFrame
        Indexed by claim_id; every cell is text, so that 0.80 stays 0.80.

    Raises
    ------
    ResultError
        Other columns, a claim that occurs twice or lacks its figure, an unknown operator, level or split, two claims
        that stand for one system.

    Examples
    --------
    >>> import genrelib as gl
    >>> claims = gl.read_claims()
    >>> claims.loc["idc-mel-cnn1d", ["system", "metric", "value"]].to_list()
    ['mel_cnn1d', 'accuracy', '0.80']
    """
    import pandas as pd

    path = table_path("claims.csv") if path is None else Path(path)
    try:
        claims = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
        raise ResultError(f"{path}: not a table of claims ({error}); restore the file with git") from error
    if tuple(claims.columns) != COLUMNS:
        raise ResultError(f"{path}: claims have the columns {', '.join(COLUMNS)}; found {', '.join(claims.columns)}")
    headlines = claims["system"].where(claims["headline"] == "yes")
    rules = {
        "each claim_id occurs once": claims["claim_id"].duplicated() | (claims["claim_id"] == ""),
        f"operator is one of {' '.join(OPERATORS)}": ~claims["operator"].isin([*OPERATORS]),
        "level is slice or track": ~claims["level"].isin(["slice", "track"]),
        f"split_unit is none or one of {', '.join(UNITS)}": ~claims["split_unit"].isin(["none", *UNITS]),
        "a claim has a metric and a value": (claims["metric"] == "") | (claims["value"] == ""),
        f"n_tested_source begins with {', '.join(SOURCES)}; n_tested is a number of tracks": _unsourced(claims),
        "headline is yes or empty": ~claims["headline"].isin(["yes", ""]),
        "a system has one headline": headlines.duplicated() & headlines.notna(),
    }
    for rule, bad in rules.items():
        if bad.any():
            raise ResultError(f"{path}: {rule}; these rows break it:\n{listed(claims.loc[bad, 'claim_id'])}")
    return claims.set_index("claim_id")


def _unsourced(claims):
    source = claims["n_tested_source"].str.split(":").str[0]
    number = claims["n_tested"].str.fullmatch(r"[1-9]\d*")
    return ~source.isin(SOURCES) | (number == (source == "unknown")) | (~number & (claims["n_tested"] != ""))


def claim_of(claim_id: str) -> pd.Series:
    """Give one row of `read_claims`; where there is no such claim, those near it are named."""
    claims = read_claims()
    if claim_id not in claims.index:
        near = get_close_matches(claim_id, list(claims.index), n=5, cutoff=0.4)
        raise ResultError(
            f"a record belongs to a row of claims.csv; there is no {claim_id!r}; "
            f"near it: {', '.join(near) or 'none'}; correct the name or add the row"
        )
    return claims.loc[claim_id]


def headline_claims() -> dict[str, str]:
    """Give the claim that stands for each system where systems are compared: system → claim_id, as in claims.csv.

    Examples
    --------
    >>> from genrelib.results import headline_claims
    >>> headline_claims()["mel_cnn1d"]
    'idc-mel-cnn1d'
    """
    claims = read_claims()
    shown = claims[claims["headline"] == "yes"]
    return dict(zip(shown["system"], shown.index, strict=True))


def claim_fields(claim: pd.Series) -> dict:
    """Give the fields of a record that a claim decides; the claimed figure is a float, or the report's words."""
    try:
        claimed = float(claim["value"])
    except ValueError:
        claimed = claim["value"]
    return {**claim[["level", "metric", "evaluated_on", "operator"]].to_dict(), "claimed": claimed}


def claimed_in_words(claim: pd.Series) -> str:
    """Say what a row of `read_claims` claims: part and level unless test and slice, then metric, operator, figure.

    Examples
    --------
    >>> from genrelib.results import claimed_in_words, read_claims
    >>> claimed_in_words(read_claims().loc["idc-trainable-mel"])
    'validation accuracy below 0.60'
    """
    part, metric = claim["evaluated_on"].replace("_", " "), claim["metric"]
    # "train train accuracy" says it twice
    named = part in ("test", "both", "extraction") or metric.startswith(("train_", "training_"))
    words = [] if named else [part]
    words += ["track"] if claim["level"] == "track" and claim["task"] != "speed" else []
    words.append(claim["metric_words"] or metric.replace("_", " "))
    return f"{' '.join(words)} {OPERATORS[claim['operator']]}{claim['value']}"


def value_of(claim: pd.Series, scores: Scores) -> float | str:
    """Give a claim's figure from the scores of one seed: a metric, a genre's recall, or the genre of a rank."""
    metric, level = claim["metric"], getattr(scores, claim["level"])
    if metric in FIGURES:
        return getattr(level, metric)
    if metric.removeprefix("recall_") in level.recall:
        return level.recall[metric.removeprefix("recall_")]
    present = {genre: recall for genre, recall in sorted(level.recall.items()) if not math.isnan(recall)}
    if metric == "worst_recall_genre":
        return min(present, key=present.get)
    if metric in ("best_recall_genre", "second_best_recall_genre"):
        best = sorted(present, key=lambda genre: -present[genre])
        return best[metric.startswith("second")]
    raise ResultError(
        f"{claim.name}: {metric} does not follow from scores; work it out: gl.record({claim.name!r}, "
        f"runs.values(function, {metric!r}))"
    )
