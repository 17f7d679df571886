"""The report's map of a trained network: its last recurrent layer by t-SNE, and which genre is the noisiest there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib.evaluation.maps import layer_outputs, noisiest, silhouettes, tsne_map

if TYPE_CHECKING:
    from genrelib.slices import SliceSet
    from genrelib.training.runs import Run


@dataclass(frozen=True, eq=False)
class SliceMap:
    """Hold where the test slices of one training lie."""

    points: np.ndarray = field(repr=False)  # [n, 2]
    labels: np.ndarray = field(repr=False)  # [n], of the true genre, or artist
    silhouettes: dict[str, float]  # of each genre on the map; see `genrelib.evaluation.maps`
    noisiest: str  # the genre of the lowest mean silhouette on the map
    noisiest_in_layer: str  # and in the layer itself

    def to_frame(self) -> pd.DataFrame:
        """Give the map as a record keeps it: a row a slice, x, y, true."""
        return pd.DataFrame(self.points, columns=["x", "y"]).assign(true=self.labels)

    @property
    def mean_silhouette(self) -> float:
        """Mean over the genres that are in the test part."""
        return float(np.nanmean(list(self.silhouettes.values())))


def slice_map(run: Run, slices: SliceSet) -> SliceMap:
    """Map what ``gru_last``, the last recurrent layer of a trained network, makes of its test slices.

    No such layer, or too few slices for a map, is a `GenrelibError`.
    """
    from genrelib.training.loop import load_model

    outputs = layer_outputs(load_model(run.model_path), slices, run.fold.test)
    points, labels = tsne_map(outputs), slices.labels[run.fold.test]
    on_map, in_layer = (silhouettes(where, labels, slices.genres) for where in (points, outputs))
    return SliceMap(points, labels, on_map, noisiest(on_map), noisiest(in_layer))
