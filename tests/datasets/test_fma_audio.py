"""Clips of FMA: whole ones are read, truncated ones refused unless what is whole of them is asked for."""

import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from genrelib._base.errors import AudioError
from genrelib.audio import read_audio, read_int16
from genrelib.datasets import fma, load_collection
from genrelib.datasets.fma import GENRES
from tests.datasets.fma_copy import tables, write_tables
from tests.making import noise

REAL = os.environ.get("GENRELIB_TEST_FMA")
needs_fma = pytest.mark.skipif(
    not REAL, reason="needs real FMA clips: GENRELIB_TEST_FMA names no folder with fma_small and tracks_genre_top.csv"
)


# Truncated clips


def cut_off(path, data, share=0.6):
    path.write_bytes(data[: round(share * len(data))])
    return path


def test_truncated_wav_is_refused(tmp_path):
    wav = io.BytesIO()
    sf.write(wav, noise(1.0), 22050, format="WAV", subtype="PCM_16")
    path = cut_off(tmp_path / "a.wav", wav.getvalue())
    with pytest.raises(AudioError, match="truncated"):
        read_int16(path)


@needs_fma
def test_truncated_clip_is_an_error(tmp_path):
    source = Path(REAL) / "fma_small" / "000" / "000002.mp3"
    path = cut_off(tmp_path / "000002.mp3", source.read_bytes())
    with pytest.raises(AudioError, match="000002.mp3: truncated: the header promises"):
        read_audio(path)


# Real clips


@needs_fma
def test_real_clips_are_those_of_the_list_and_decode():
    known = pd.read_csv(Path(REAL) / "tracks_genre_top.csv")
    clips = fma.find_clips("fma_small", REAL)
    assert set(clips) == {f"{number:06d}" for number in known["track_id"]} and len(clips) == 23
    assert set(known["genre_top"]) <= set(GENRES)
    for row in known.itertuples():
        path = clips[f"{row.track_id:06d}"]
        assert hashlib.sha1(path.read_bytes()).hexdigest() == row.sha1
        samples = read_audio(path)
        assert samples.dtype == np.float32 and len(samples) / 22050 == pytest.approx(30, abs=0.05)


@needs_fma
def test_real_clips_load_with_metadata_beside_them(tmp_path, monkeypatch):
    known = pd.read_csv(Path(REAL) / "tracks_genre_top.csv").groupby("genre_top").head(3)
    tracks, echonest = tables(per_genre=2)
    tracks = tracks.iloc[: len(known)].set_index(pd.Index(known["track_id"], name="track_id"))
    tracks[("track", "genre_top")] = known["genre_top"].to_numpy()
    write_tables(tmp_path, tracks, echonest.iloc[: len(known)].set_index(tracks.index))
    (tmp_path / "fma_small").symlink_to(Path(REAL) / "fma_small")
    monkeypatch.setattr(fma, "GENRES", ("Folk", "Hip-Hop", "Pop", "Rock"))
    collection = load_collection("fma_small", tmp_path, tracks_per_genre=3)
    assert len(collection.tracks) == 12 and collection.tracks["duration"].min() > 29.9
