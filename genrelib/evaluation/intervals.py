"""The interval of every figure here: resample, with replacement, what stands or falls together.

Slices of one recording are right or wrong together, so tracks are drawn and never slices; where artists are kept apart
artists are drawn, each with all of its tracks.
An interval is the 2.5th to 97.5th percentile over the resamples. From fewer than two groups nothing can be resampled:
it is NaN. A part without an error gives (1, 1), which is too narrow: resampling cannot show errors that did not occur.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

PERCENTILES = (2.5, 97.5)  # the middle 95%
N_RESAMPLES = 2000
NOTHING = (np.nan, np.nan)


def resamples(
    n_groups: int, n_resamples: int = N_RESAMPLES, seed: int | np.random.Generator = 0, *, size: int | None = None
) -> np.ndarray:
    """Count how often each group occurs in each resample of ``size`` groups, as many as there are unless given.

    The counts are float64 [n_resamples, n_groups], of fewer than two groups without a row.
    """
    rng = np.random.default_rng(seed)
    n_rows = n_resamples if n_groups >= 2 else 0
    return rng.multinomial(size or n_groups, np.full(n_groups, 1 / n_groups), size=n_rows).astype(np.float64)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Give the middle 95% of resampled figures; NaN of none.

    >>> interval([0.0, 0.5, 1.0])
    (0.025, 0.975)
    """
    low, high = np.percentile(values, PERCENTILES) if len(values) else NOTHING
    return float(low), float(high)


def interval_of_mean(
    values: Sequence[float], groups: Sequence[Any], *, n_resamples: int = N_RESAMPLES, seed: int = 0
) -> tuple[float, float]:
    """Give the 95% interval of a mean, by resampling whole groups; NaN from fewer than two.

    Parameters
    ----------
    values : sequence of float or bool [shape=(n,)]
        One a slice, or a track: most often whether it was named rightly.
    groups : sequence [shape=(n,)]
        What each belongs to: its track, or its artist.
    n_resamples, seed : int

    Examples
    --------
    Four slices of two tracks, one all right and one all wrong: a resample is right, wrong or half.

    >>> interval_of_mean([1, 1, 0, 0], ["a", "a", "b", "b"])
    (0.0, 1.0)
    """
    codes, names = pd.factorize(np.asarray(groups, dtype=object))
    draws = resamples(len(names), n_resamples, seed)
    sums, counts = np.bincount(codes, np.asarray(values, dtype=float)), np.bincount(codes)
    return interval((draws @ sums) / (draws @ counts))
