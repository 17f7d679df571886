"""Say in words how a claim compares with what was measured; `LEGEND` says what each word means.

A claim is a sample as our figure is: where the report says how many tracks it tested, the difference of the two has an
interval that counts the sampling of both (after Spence and Stanley's prediction interval), and the verdict asks whether
0 lies in it. Where it does not say so, our own interval decides alone.
"""

from __future__ import annotations

import math
import operator

from genrelib.results.claims import FIGURES

HOLDS = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
WIDEST = 0.30  # of an interval: ±.15
FEWEST = 30  # test tracks over all folds and seeds
NORMAL_95 = 1.959964  # standard deviations to either side of 95% of a normal distribution
LOW_IN_ORDER = ("worst_", "weak_")  # a genre that is not the worst stands higher in our order
BETWEEN = "second_"  # one that is not the second may stand higher or lower
DEMO = "not comparable, because the demo is no evidence"
OWN_NETWORK = "your network"
LEGEND = {
    "reproduced": "nothing speaks against the claim: no difference beyond what the sampling of both sides leaves open; "
    "of a bound, our whole interval keeps it; of a genre, every training names it",
    "higher here": "our figure lies above the claim, or the genre stands higher in our order, beyond that",
    "lower here": "our figure lies below the claim, or the genre stands lower in our order, beyond that",
    "undecided": f"our interval is wider than ±{WIDEST / 2:.2f}, or fewer than {FEWEST} tracks were tested, or, of a "
    "difference or a bound, it holds the bound, or, of a genre, trainings disagree, or a second one is another",
    "not comparable": "there is a figure, but not one that the claim can be set beside; the reason follows",
    "not measured": "there is no figure; the reason follows",
}


def legend() -> str:
    """Give a line of Markdown a verdict.

    Examples
    --------
    >>> from genrelib.results import legend
    >>> print(legend().splitlines()[-1])
    - **not measured**: there is no figure; the reason follows
    """
    return "\n".join(f"- **{word}**: {meaning}" for word, meaning in LEGEND.items())


def verdict(record: dict, n_tested: int | None = None) -> str:
    """Say how a claim compares with what was measured: a word of `LEGEND`, with its reason where one follows.

    Parameters
    ----------
    record : dict
        As `genrelib.results.records.read_records` gives it.
    n_tested : int, optional
        Tracks that the report's figure was counted from; its sampling is left out where that is unknown.
    """
    claimed, values, mean = record["claimed"], record["values"], record["mean"]
    if "not_measured" in record:
        return f"not measured, because {record['not_measured']}"
    if record["is_demo"]:
        return DEMO
    if record.get("own_network"):
        return f"not comparable, because it is {OWN_NETWORK}, not the report's"
    few = record["n_tracks_test"] is not None and record["n_tracks_test"] < FEWEST
    if any(isinstance(value, str) for value in values):
        return "undecided" if few else _of_genres(record["metric"], str(claimed), values)
    if isinstance(claimed, str):
        return f"not comparable, because the report gives no figure but words: {claimed}"
    if mean is None:
        return "not comparable, because a training has no figure"
    low, high = record["ci95"] or (min(values), max(values))
    is_share = _is_share(record["metric"])
    if few or (is_share and (record["ci95"] is None or high - low > WIDEST)):
        return "undecided"
    if record["operator"] != "=":
        return _of_bound(record["operator"], claimed, low, high)
    low, high = difference(claimed, n_tested if is_share else None, mean, low, high)
    if low <= 0 <= high:
        return "reproduced"
    return "lower here" if low > 0 else "higher here"


def difference(claimed: float, n_tested: int | None, mean: float, low: float, high: float) -> tuple[float, float]:
    """Give the 95% interval of a claim less our figure: both intervals put together as independent ones are.

    That of a claim counted from ``n_tested`` tracks is Wilson's; without their number it is taken as exact.

    >>> [round(end, 3) for end in difference(0.80, 100, 0.70, 0.62, 0.78)]
    [-0.02, 0.204]
    >>> [round(end, 3) for end in difference(0.80, None, 0.70, 0.62, 0.78)]
    [0.02, 0.18]
    """
    below, above = wilson(claimed, n_tested) if n_tested else (claimed, claimed)
    gap = claimed - mean
    return gap - math.hypot(claimed - below, high - mean), gap + math.hypot(above - claimed, mean - low)


def wilson(share: float, n: int) -> tuple[float, float]:
    """Give Wilson's 95% interval of a share that was counted from n."""
    z = NORMAL_95**2 / n
    centre = (share + z / 2) / (1 + z)
    half = NORMAL_95 * math.sqrt(share * (1 - share) / n + z / (4 * n)) / (1 + z)
    return centre - half, centre + half


def _is_share(metric):
    """Tell figures of 0 to 1, and differences of such, from seconds, losses and epochs."""
    begins = metric.startswith(("recall_", "train_", "share_"))
    return begins or metric in FIGURES or "_difference" in metric or metric.endswith("_accuracy")


def _of_bound(sign, bound, low, high):
    """All of our interval keeps the bound, none of it does, or some."""
    kept = {HOLDS[sign](end, bound) for end in (low, high)}
    if len(kept) == 2:
        return "undecided"
    return "reproduced" if kept == {True} else "higher here" if sign.startswith("<") else "lower here"


def _of_genres(metric, claimed, values):
    """Each training names each genre of the claim, such as "jazz; metal", or none does."""
    wanted, *named = ({name.strip().lower() for name in str(one).split(";")} for one in (claimed, *values))
    counts = {sum(name in names for names in named) for name in wanted}
    if counts == {len(values)}:
        return "reproduced"
    if counts != {0} or metric.startswith(BETWEEN):
        return "undecided"
    return "higher here" if metric.startswith(LOW_IN_ORDER) else "lower here"
