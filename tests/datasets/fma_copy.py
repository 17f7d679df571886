"""FMA in small, which several test modules write: its two tables in their own headers, and clips."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile as sf

from genrelib.datasets import fma
from genrelib.datasets.fma import GENRES, draw
from tests.making import noise


def tables(per_genre=3, *, first=1000, artists=2):
    """FMA's two tables in small: tracks of each genre, an album an artist; every track has a valence."""
    genres = [genre for genre in (*GENRES, "International") for _ in range(per_genre)]
    n = len(genres)
    tracks = pd.DataFrame({
        ("album", "title"): [f"Album {i % artists}" for i in range(n)],
        ("artist", "id"): [7 + i % artists for i in range(n)],
        ("artist", "name"): [f"Artist {i % artists}" for i in range(n)],
        ("set", "split"): "training",
        ("set", "subset"): "small",
        ("track", "genre_top"): genres,
        ("track", "title"): [f"Song {i}, or two" for i in range(n)],
    }, index=pd.Index(np.arange(first, first + n), name="track_id"))  # fmt: skip
    echonest = pd.DataFrame({
        ("echonest", "audio_features", "tempo"): 120.0,
        ("echonest", "audio_features", "valence"): np.linspace(0, 1, n),
        ("echonest", "metadata", "album_name"): "A",
    }, index=tracks.index)  # fmt: skip
    return tracks, echonest


def write_tables(root, tracks, echonest, layout="fma_metadata"):
    folder = Path(root) / "fma_metadata" / layout
    folder.mkdir(parents=True, exist_ok=True)
    tracks.to_csv(folder / "tracks.csv")
    echonest.to_csv(folder / "echonest.csv")
    return folder


def mp3_bytes(seconds=1.0, seed=0):
    out = io.BytesIO()
    sf.write(out, noise(seconds, seed=seed, sample_rate=44100), 44100, format="MP3")
    return out.getvalue()


def write_clips(root, ids, name="fma_small", layout=""):
    data = mp3_bytes()
    for track in ids:
        path = Path(root) / name / layout / f"{track[:3]}" / f"{track}.mp3"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def small_copy(root, monkeypatch):
    """Write the tables of three tracks a genre, of which two are drawn; give root, tracks, echonest."""
    monkeypatch.setattr(fma, "TRACKS_PER_GENRE", 2)
    monkeypatch.setattr(draw, "__kwdefaults__", {"tracks_per_genre": 2, "seed": 0})
    tracks, echonest = tables()
    write_tables(root, tracks, echonest)
    return root, tracks, echonest
