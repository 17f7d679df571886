"""Sets of images: row for row the slices or tracks, on a memory map, from a cache; split, trained and scored alike."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf

from genrelib._base.errors import GenrelibError
from genrelib.features import pictures as images
from genrelib.features.pictures import draw_slices, draw_tracks
from genrelib.slices import cut_slices
from tests.features.test_drawing import draw

RATE = 22050


@pytest.fixture
def slices(tree, tmp_path):
    return cut_slices(tree, 0.2, cache=tmp_path / "cache", progress=False)


def tracks(collection, folder, seconds=0.5, **options):
    return draw_tracks(collection, seconds, cache=folder, progress=False, **{"n_jobs": 2, **options})


# The right images


@pytest.mark.parametrize("frequency", ["linear", "mel"])
def test_an_image_a_slice_whatever_the_batches(slices, frequency, monkeypatch):
    expected = draw(slices.samples[:], frequency=frequency)
    for size in (1, 3 * slices.n_samples, 2**30):
        monkeypatch.setattr(images, "BATCH_SAMPLES", size)
        drawn = draw_slices(slices, frequency=frequency, n_jobs=2, progress=False)
        np.testing.assert_allclose(drawn.samples.astype(int), expected, atol=4)  # sums differ in the last bit
        assert np.mean(drawn.samples == expected) > 0.999
        (drawn.cache_folder / "images.uint8").unlink()
        drawn.cache_folder.rmdir()
    assert drawn.table is slices.table and drawn.genres == slices.genres
    assert drawn.frequency == frequency and drawn.seconds == slices.seconds and len(drawn) == len(slices)
    np.testing.assert_array_equal(drawn.labels, slices.labels)


def test_an_image_a_track_cut_or_padded_to_length(tree, tmp_path):
    whole = {track: sf.read(path, dtype="int16")[0] for track, path in tree.tracks["path"].items()}
    for seconds in (0.5, 1.05, 3.0):
        n_samples = round(seconds * RATE)
        drawn = tracks(tree, tmp_path / "cache", seconds)
        for number, sound in enumerate(whole.values()):
            cut = np.concatenate([sound[:n_samples], np.zeros(max(0, n_samples - len(sound)), np.int16)])
            np.testing.assert_array_equal(drawn.samples[number], draw(cut[None])[0])
        assert set(drawn.table["start"]) == {0.0} and drawn.seconds == pytest.approx(seconds, abs=1 / RATE)
    assert (drawn.samples[:, :, -40:] == drawn.samples[0, 0, -1]).all()  # silence behind the end: 2 s of 3


# The cache


def test_each_look_is_another_set(tree, slices, tmp_path):
    looks = ({}, {"frequency": "mel"}, {"image_size": 64}, {"colour_map": "magma"})
    keys = [draw_slices(slices, progress=False, **look).key for look in looks]
    keys += [tracks(tree, tmp_path / "cache", **look).key for look in (*looks, {"seconds": 0.6}, {"sample_rate": 8000})]
    keys.append(draw_slices(replace(slices, key="another"), progress=False).key)
    assert len(set(keys)) == len(keys)


def test_memory_does_not_grow_with_the_slices(slices, tmp_path, monkeypatch):
    monkeypatch.setattr(images, "BATCH_SAMPLES", 4 * slices.n_samples)
    peaks = []
    for repeats in (1, 2, 10):  # the first run pays for imports
        many = replace(
            slices,
            samples=np.memmap(tmp_path / f"{repeats}", dtype=np.int16, mode="w+", shape=(repeats * 20, 4410)),
            table=slices.table.loc[np.zeros(repeats * 20, int)].reset_index(drop=True),
            key=f"times {repeats}",
        )
        many.samples[:] = np.tile(slices.samples[:20], (repeats, 1))
        tracemalloc.start()
        drawn = draw_slices(many, n_jobs=1, progress=False)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # all images of the last run are 13 MB, those of a batch .26 MB
    assert drawn.samples.nbytes == 200 * 128 * 128 * 4 and peaks[2] < 1.2 * peaks[1] < 0.7 * drawn.samples.nbytes


@pytest.mark.parametrize("options", [
    {"seconds": 0}, {"seconds": -1.0}, {"seconds": float("nan")}, {"seconds": float("inf")},
    {"seconds": 0.05, "frequency": "mel"}, {"sample_rate": 0}, {"seconds": -1.0, "sample_rate": -8000},
])  # fmt: skip
def test_settings_that_make_no_image_leave_nothing(tree, tmp_path, options):
    with pytest.raises(GenrelibError, match="given"):
        tracks(tree, tmp_path / "cache", **options)
    assert not (tmp_path / "cache").exists()
