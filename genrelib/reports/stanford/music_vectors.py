"""The fifteen numbers of the Stanford report as a vector of a song: what each stands for, and which songs are near.

The report leaves both for the future: "examine what each of the 15 nodes of the FC layer represent, and see whether
this vector can be used for music recommendation, where songs with similar vectors are recommended".

Conventions: a song's vector is the mean over its slices. Two songs are near when the cosine between their vectors is
high, each node first brought to mean 0 and deviation 1 over the songs at hand. A correlation is Pearson's; with a
genre, that of a number which is 1 for its songs and 0 for others. A node that is the same for all songs has none.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib._base.caching import cached_table, content_hashes, key_of, library_versions
from genrelib._base.errors import GenrelibError
from genrelib._base.parallel import over_tracks
from genrelib._base.paths import cache_root
from genrelib.evaluation.maps import layer_outputs

if TYPE_CHECKING:
    from keras import Model

    from genrelib.slices import SliceSet

LAYER = "music_vector"  # of `genrelib.models.yu_multi_output`
MEASURER = 1  # raise when centroid or tempo of the same file would change


def song_vectors(model: Model, slices: SliceSet, positions: np.ndarray) -> pd.DataFrame:
    """Give the vector of each song that has slices at ``positions``: the mean over them of the layer `LAYER`.

    A row a song, by track_id; columns 1, 2, ….
    """
    outputs = layer_outputs(model, slices, positions, layer=LAYER)
    outputs = pd.DataFrame(outputs, columns=range(1, outputs.shape[1] + 1))
    return outputs.groupby(slices.table["track_id"].to_numpy()[positions]).mean().rename_axis("track_id")


def sound_numbers(tracks: pd.DataFrame, *, cache: str | Path | None = None, n_jobs: int | None = None) -> pd.DataFrame:
    """Measure the spectral centroid (Hz, mean over frames) and the tempo (BPM) of tracks; kept in a cache.

    Tracks that cannot be decoded are listed in an `AudioError`.
    """

    def build():
        how = {"name": "centroid and tempo", "label": "centroid and tempo", "cannot": "tracks cannot be measured"}
        rows = over_tracks(_measure, [(path,) for path in tracks["path"]], n_jobs=n_jobs, **how)
        return pd.DataFrame(rows, columns=["centroid", "tempo"], index=tracks.index)

    key = key_of([MEASURER, library_versions(), list(tracks.index), content_hashes(list(tracks["path"]))])
    return cached_table(Path(cache or cache_root()) / f"sound-{key}.parquet", build)


def node_correlations(vectors: pd.DataFrame, tracks: pd.DataFrame, sounds: pd.DataFrame) -> pd.DataFrame:
    """Correlate each node of `song_vectors` with every genre and valence of the tracks, and with `sound_numbers`.

    A row a node, a column a genre, then valence, centroid, tempo; NaN where one of the two never changes.
    """
    tracks = tracks.loc[vectors.index]
    known = pd.get_dummies(tracks["genre"], dtype=float)
    known = known.assign(valence=tracks["valence"].astype(float), **sounds.loc[vectors.index])
    nodes, others = _standardised(vectors), _standardised(known)
    return pd.DataFrame(nodes.T @ others / len(vectors), index=vectors.columns, columns=known.columns)


def nearest_songs(vectors: pd.DataFrame, track_id: str, *, n: int = 3) -> pd.Series:
    """Give the ``n`` songs nearest to one, and their cosines, the nearest first: what to recommend to who likes it."""
    if track_id not in vectors.index:
        raise GenrelibError(f"no vector of {track_id!r}; there are those of {len(vectors)} songs")
    cosines = _cosines(vectors)
    return pd.Series(cosines[vectors.index.get_loc(track_id)], vectors.index).drop(track_id).nlargest(n)


def neighbours_alike(vectors: pd.DataFrame, tracks: pd.DataFrame) -> pd.DataFrame:
    """Tell how often a song's nearest neighbour shares what a column of ``tracks`` says, and how often any song does.

    A row a column of ``tracks``, such as genre and mood: the shares ``nearest`` and ``chance``.
    """
    cosines = _cosines(vectors)
    np.fill_diagonal(cosines, -np.inf)
    nearest, n, rows = cosines.argmax(axis=1), len(vectors), {}
    for column in tracks.columns:
        own = tracks.loc[vectors.index, column].to_numpy()
        same = own[:, None] == own
        chance = (same.sum() - n) / (n * (n - 1))
        rows[column] = {"nearest": float(same[np.arange(n), nearest].mean()), "chance": float(chance)}
    return pd.DataFrame(rows).T


def _measure(path):
    import librosa

    from genrelib.audio import SAMPLE_RATE, read_audio

    samples = read_audio(path)
    centroid = librosa.feature.spectral_centroid(y=samples, sr=SAMPLE_RATE).mean()
    tempo, _ = librosa.beat.beat_track(y=samples, sr=SAMPLE_RATE)
    return float(centroid), float(np.asarray(tempo).reshape(-1)[0])


def _standardised(frame):
    """Bring columns to mean 0 and deviation 1; one that never changes becomes NaN."""
    values = frame.to_numpy(dtype=float)
    spread = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(spread > 1e-9 * np.abs(values).max(axis=0), spread, np.nan)


def _cosines(vectors):
    from sklearn.metrics.pairwise import cosine_similarity

    return cosine_similarity(np.nan_to_num(_standardised(vectors)))
