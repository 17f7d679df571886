"""Clips of FMA: whole ones are read, truncated ones refused unless what is whole of them is asked for."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genrelib.audio import read_audio
from genrelib.datasets import fma
from genrelib.datasets.fma import GENRES

REAL = os.environ.get("GENRELIB_TEST_FMA")
needs_fma = pytest.mark.skipif(
    not REAL, reason="needs real FMA clips: GENRELIB_TEST_FMA names no folder with fma_small and tracks_genre_top.csv"
)


# Truncated clips


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
