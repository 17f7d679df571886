"""New songs: drawn by seed, of no artist in training, scored on random samples."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from genrelib._base.errors import AudioError, GenrelibError
from genrelib.audio import read_audio, write_wav
from genrelib.datasets.folder import load_folder
from genrelib.features import FEATURES, RowSet, as_rows, as_slices, spectral_numbers
from genrelib.features.rows import filename_of
from genrelib.reports.toronto.new_songs import new_songs, new_songs_by, random_samples, songs_tried, without_artist_of
from genrelib.training.protocols import run_protocols
from tests.making import noise

RATE = 22050
FIT = {"epochs": 3, "batch_size": 32, "patience": 3, "monitor": "val_accuracy"}


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Two songs of 5 s and one of 1 s."""
    root = tmp_path_factory.mktemp("songs")
    for seed, (name, seconds) in enumerate({"blues/a": 5.0, "rock/b": 5.0, "rock/short": 1.0}.items()):
        (root / name).parent.mkdir(exist_ok=True)
        write_wav(root / f"{name}.wav", noise(seconds, seed=seed))
    return load_folder(root)


def samples_of(collection, cache, **settings):
    return random_samples(collection, cache=cache, progress=False, **{"n": 3, "n_jobs": 1, **settings})


def rows_of(tracks, n, *, seed=0):
    """Rows of drawn features: the genre shows in each of them."""
    names = [filename_of(track, number) for track in tracks.index for number in range(n)]
    labels = tracks["genre"].repeat(n).to_numpy()
    values = np.random.default_rng(seed).normal(size=(len(names), len(FEATURES))) + 2 * pd.factorize(labels)[0][:, None]
    return pd.DataFrame(values, columns=list(FEATURES)).assign(filename=names, length=3 * RATE, label=labels)


@pytest.fixture(scope="module")
def made_up(songs):
    """Three genres, four artists each, three tracks an artist: rows of slices and of samples."""
    ids = [f"{genre}/{artist}{n}.wav" for genre in ("blues", "jazz", "rock") for artist in "abcd" for n in range(3)]
    tracks = pd.DataFrame({"genre": [one.split("/")[0] for one in ids]}, index=pd.Index(ids, name="track_id"))
    tracks = tracks.assign(path="", artist=None, artist_id=[one[:-5] for one in ids], album=None, duration=9.0)
    collection = dataclasses.replace(songs, tracks=tracks, name="made_up")
    return as_slices(rows_of(tracks, 4), collection), as_slices(rows_of(tracks, 5, seed=1), collection)


@pytest.fixture(scope="module")
def by_artist(made_up, tmp_path_factory):
    settings = {"folder": tmp_path_factory.mktemp("run"), "validation": 0.34, "fit": FIT}
    return run_protocols("feature_mlp", made_up[0], ["artist"], (0, 1), **settings)["artist"]


def test_samples_are_stretches_of_the_song_at_the_place_noted(songs, tmp_path):
    samples = samples_of(songs, tmp_path)
    assert list(samples.table["track_id"]) == list(songs.tracks.index.repeat(3))
    row = samples.table.iloc[1]
    start = round(row["start"] * RATE)
    assert 0 <= start <= 2 * RATE
    stretch = read_audio(songs.tracks["path"].iloc[0])[start : start + 3 * RATE]
    np.testing.assert_allclose(samples.samples[1], list(spectral_numbers(stretch).values()), rtol=1e-6)


def test_a_song_that_is_shorter_is_padded(songs, tmp_path):
    samples = samples_of(songs, tmp_path)
    assert (samples.table["start"].iloc[6:] == 0).all() and (samples.table["length"] == 3 * RATE).all()
    padded = np.concatenate([read_audio(songs.tracks["path"].iloc[2]), np.zeros(2 * RATE, dtype=np.float32)])
    np.testing.assert_allclose(samples.samples[6], list(spectral_numbers(padded).values()), rtol=1e-6)


def test_places_hang_on_the_track_alone(songs, tmp_path):
    all_three = samples_of(songs, tmp_path).table
    alone = samples_of(dataclasses.replace(songs, tracks=songs.tracks.iloc[1:2]), tmp_path).table
    assert all_three["start"].iloc[3:6].tolist() == alone["start"].tolist()
    assert all_three["start"].iloc[:6].nunique() == 6 and len(list(tmp_path.glob("samples-*.parquet"))) == 2
    pd.testing.assert_frame_equal(samples_of(songs, tmp_path, n_jobs=2).table, all_three)  # read from the cache


@pytest.mark.parametrize("settings", [{"n": 0}, {"seconds": 0}, {"seconds": -1.0}, {"seconds": np.nan}])
def test_no_samples_are_refused(songs, tmp_path, settings):
    with pytest.raises(GenrelibError, match="one sample at least"):
        samples_of(songs, tmp_path, **settings)


def test_all_songs_that_cannot_be_read_are_listed_and_nothing_is_kept(songs, tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.wav").write_bytes(b"no sound")
    paths = [str(tmp_path / "a.wav"), songs.tracks["path"].iloc[1], str(tmp_path / "b.wav")]
    broken = songs.tracks.assign(path=paths)
    with pytest.raises(AudioError, match=r"2 of 3(.|\n)*a\.wav(.|\n)*b\.wav"):
        samples_of(dataclasses.replace(songs, tracks=broken), tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("samples-*"))


def test_artists_of_new_songs_were_in_no_part_of_the_training(made_up, by_artist):
    rows, samples = made_up
    for run in by_artist:
        one = new_songs(run, rows, samples)
        artists = samples.collection.tracks["artist_id"]
        heard = set(artists[rows.table["track_id"].iloc[np.concatenate([run.fold.train, run.fold.validation])]])
        tried = set(artists[samples.table["track_id"].iloc[one.fold.test]])
        assert tried and not heard & tried
        assert one.fold.unit == "artist" and one.fold.leak_free and one.fold.seed == run.seed


def test_all_samples_of_the_drawn_songs_are_scored(made_up, by_artist):
    rows, samples = made_up
    one = new_songs(by_artist[0], rows, samples, per_genre=2)
    assert songs_tried(one).to_dict() == {"blues": 2, "jazz": 2, "rock": 2}
    assert one.scores.slice.n == 6 * 5 and one.scores.track.n == 6
    assert one.scores.frame["slice"].tolist() == one.fold.test.tolist()
    np.testing.assert_array_equal(one.fold.test, new_songs(by_artist[0], rows, samples, per_genre=2).fold.test)
    most = new_songs(by_artist[0], rows, samples, per_genre=1000)  # there are fewer
    tested = rows.table.iloc[by_artist[0].fold.test].drop_duplicates("track_id")["genre"].value_counts()
    assert songs_tried(most).to_dict() == tested.to_dict()


def test_by_slice_no_song_is_new(made_up, tmp_path, capsys):
    rows, samples = made_up
    runs = run_protocols("feature_mlp", rows, ["slice", "fault_filtered"], (0,), folder=tmp_path, fit=FIT)
    with pytest.raises(GenrelibError, match="no song is new"):
        new_songs(runs["slice"][0], rows, samples)
    capsys.readouterr()
    tried = new_songs_by(runs, rows, samples)
    assert tried["slice"] == runs["slice"] and tried.not_measured == runs.not_measured
    printed = capsys.readouterr().out
    assert "test slices of the same songs" in printed and "new songs by fault_filtered: none, since" in printed


def test_all_rows_of_the_artist_are_left_out(made_up):
    rows, _ = made_up
    rest, own = without_artist_of(rows, "jazz/b1.wav")
    assert isinstance(rest, RowSet) and len(rest) == len(rows) - 3 * 4
    assert rows.table["track_id"].iloc[own].tolist() == ["jazz/b1.wav"] * 4
    assert not rest.table["track_id"].str.startswith("jazz/b").any()
    assert rest.table.index.tolist() == list(range(len(rest)))
    unknown = dataclasses.replace(rows.collection, tracks=rows.collection.tracks.assign(artist_id=None))
    rest, _ = without_artist_of(as_rows(rows.samples, rows.table, unknown), "jazz/b1.wav")
    assert len(rest) == len(rows) - 4 and not (rest.table["track_id"] == "jazz/b1.wav").any()  # the track alone
    with pytest.raises(GenrelibError, match="disco.00014 has no row here; made_up has 36 other tracks"):
        without_artist_of(rows, "disco.00014")
