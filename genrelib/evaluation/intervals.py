"""The interval of every figure here: resample, with replacement, what stands or falls together.

Slices of one recording are right or wrong together, so tracks are drawn and never slices; where artists are kept apart
artists are drawn, each with all of its tracks; and trainings that differ by their seed alone are drawn beside either.
An interval is the 2.5th to 97.5th percentile over the resamples. From fewer than two groups nothing can be resampled:
it is NaN. A part without an error gives (1, 1), which is too narrow: resampling cannot show errors that did not occur.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

PERCENTILES = (2.5, 97.5)  # the middle 95%
N_RESAMPLES = 2000
NOTHING = (np.nan, np.nan)


def resamples(n_groups: int, n_resamples: int = N_RESAMPLES, seed=0, *, size: int | None = None) -> np.ndarray:
    """Count how often each group occurs in each resample.

    Parameters
    ----------
    n_groups, n_resamples : int
    seed : int or np.random.Generator
    size : int, optional
        Groups in a resample; ``n_groups`` unless given.

    Returns
    -------
    np.ndarray [shape=(n_resamples, n_groups), dtype=float64]
        No row where there are fewer than two groups.
    """
    rng = np.random.default_rng(seed)
    n_rows = n_resamples if n_groups >= 2 else 0
    return rng.multinomial(size or n_groups, np.full(n_groups, 1 / n_groups), size=n_rows).astype(np.float64)


def interval(values: np.ndarray) -> tuple[float, float]:
    """Give the middle 95% of resampled figures; NaN of none.

    >>> interval([0.0, 0.5, 1.0])
    (0.025, 0.975)
    """
    low, high = np.percentile(values, PERCENTILES) if len(values) else NOTHING
    return float(low), float(high)


def interval_of_mean(values, groups, seeds=None, *, n_resamples: int = N_RESAMPLES, seed=0) -> tuple[float, float]:
    """Give the 95% interval of a mean, by resampling whole groups.

    Parameters
    ----------
    values : sequence of float or bool [shape=(n,)]
        One a slice, or a track: most often whether it was named rightly.
    groups : sequence [shape=(n,)]
        What each belongs to: its track, or its artist.
    seeds : sequence [shape=(n,)], optional
        The training that each is of, where several trainings differ by their seed alone; they are drawn too.
    n_resamples, seed : int

    Returns
    -------
    (float, float)
        NaN from fewer than two groups, or fewer than two seeds where they are given.

    Examples
    --------
    Four slices of two tracks, one all right and one all wrong: a resample is right, wrong or half.

    >>> interval_of_mean([1, 1, 0, 0], ["a", "a", "b", "b"])
    (0.0, 1.0)
    """
    codes, names = pd.factorize(np.asarray(groups, dtype=object))
    trainings, kinds = pd.factorize(np.zeros(len(codes)) if seeds is None else np.asarray(seeds, dtype=object))
    place, shape = codes * len(kinds) + trainings, (len(names), len(kinds))
    weights = np.asarray(values, dtype=float)
    sums = np.bincount(place, weights, minlength=np.prod(shape)).reshape(shape)
    counts = np.bincount(place, minlength=np.prod(shape)).reshape(shape)
    rng = np.random.default_rng(seed)
    draws = resamples(len(names), n_resamples, rng)
    if seeds is None:
        return interval((draws @ sums[:, 0]) / (draws @ counts[:, 0]))
    drawn = resamples(len(kinds), len(draws), rng)
    draws = draws[: len(drawn)]
    return interval(((draws @ sums) * drawn).sum(axis=1) / ((draws @ counts) * drawn).sum(axis=1))
