"""What all sets of rows on a memory map have in common: a genre a row, and where caches that depend on them lie."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)  # arrays have no one truth: a set of rows is equal to itself alone
class Rows:
    """Be split, trained on and scored alike: slices, their pictures, windows.

    A set of rows has besides: ``samples``, an np.memmap [shape=(n, ...)] whose pages are read from disk when touched;
    ``table``, a pd.DataFrame with the columns track_id, start (seconds) and genre; ``genres``, ``collection``,
    ``key``, ``input_sizes``.

    Attributes
    ----------
    labels : np.ndarray [shape=(n,), dtype=int64]
        Index of each row's genre in ``genres``.
    """

    labels: np.ndarray = field(init=False)

    def __post_init__(self):
        labels = pd.Categorical(self.table["genre"], categories=self.genres).codes.astype(int)
        object.__setattr__(self, "labels", labels)

    def __len__(self):
        return len(self.table)

    @property
    def cache_folder(self):
        """Where caches that depend on these rows lie."""
        return Path(self.samples.filename).parent
