"""FMA: metadata in its own multi-row headers, and a draw that is counted before any clip is fetched."""

import hashlib
import os
from pathlib import Path

import pandas as pd
import pytest

from genrelib.__main__ import main
from genrelib._base.errors import DatasetError
from genrelib.audio import read_audio
from genrelib.datasets import check_collection, fma, load_collection
from genrelib.datasets.fma import GENRES, UNUSABLE, draw, read_metadata
from tests.datasets.fma_copy import small_copy, tables, write_clips, write_tables


@pytest.fixture
def small(tmp_path, monkeypatch):
    return small_copy(tmp_path, monkeypatch)


# The metadata


def test_headers_of_two_and_three_rows_are_read_as_they_are_published(small):
    root, tracks, echonest = small
    text = (root / "fma_metadata" / "fma_metadata" / "echonest.csv").read_text().splitlines()
    assert text[0].startswith(",echonest,echonest") and text[2].split(",")[2] == "valence" and "track_id" in text[3]
    metadata = read_metadata(root)
    assert list(metadata.columns) == ["genre", "artist", "artist_id", "album", "title", "subset", "valence"]
    assert list(metadata.index) == [f"{number:06d}" for number in tracks.index]
    row = metadata.loc["001004"]
    assert list(row)[:6] == ["Folk", "Artist 0", "7", "Album 0", "Song 4, or two", "small"]
    assert metadata["valence"].to_numpy() == pytest.approx(echonest[fma.VALENCE].to_numpy())


@pytest.mark.parametrize("column", [*fma.TRACK_COLUMNS.values(), fma.VALENCE])
def test_a_table_without_a_column_is_refused_by_name(tmp_path, column):
    tracks, echonest = tables()
    write_tables(tmp_path, *(table.drop(columns=[column], errors="ignore") for table in (tracks, echonest)))
    table = "echonest.csv" if len(column) == 3 else "tracks.csv"
    with pytest.raises(DatasetError, match=f"{table}: lacks the column.s. {'/'.join(column)}"):
        read_metadata(tmp_path)


@pytest.mark.parametrize("value", [-0.01, 1.01, 70, "happy"])
def test_valence_outside_0_to_1_is_refused_with_the_track(tmp_path, value):
    tracks, echonest = tables()
    echonest = echonest.astype(object)
    echonest.loc[1005, fma.VALENCE] = value
    write_tables(tmp_path, tracks, echonest)
    with pytest.raises(DatasetError, match=f"valence is a number from 0 to 1; 1 are not:\n  001005: {value}"):
        read_metadata(tmp_path)


def test_missing_and_foreign_tables_are_told(tmp_path):
    with pytest.raises(DatasetError, match="no tracks.csv there; run `.* data --collection fma_metadata`"):
        read_metadata(tmp_path)
    folder = write_tables(tmp_path, *tables())
    for text in ("<html>gone</html>", "a,b\nc,d\n\nx,1\n", ""):
        (folder / "echonest.csv").write_text(text)
        with pytest.raises(DatasetError, match="echonest.csv"):
            read_metadata(tmp_path)
    tracks, echonest = tables()
    write_tables(tmp_path, pd.concat([tracks, tracks.iloc[[2]]]), echonest)
    with pytest.raises(DatasetError, match="a track has one row; these have more:   001002"):
        read_metadata(tmp_path)


# The draw


def test_a_missing_echonest_row_takes_the_track_out_of_the_draw(small):
    root, tracks, echonest = small
    write_tables(root, tracks, echonest.drop(index=[1000, 1004]))
    metadata = read_metadata(root)
    assert metadata["valence"].isna().sum() == 2
    drawn = draw(metadata, "fma_small")
    assert not {"001000", "001004"} & set(drawn.index)
    assert drawn["genre"].value_counts().to_dict() == dict.fromkeys(GENRES, 2)
    with pytest.raises(DatasetError) as caught:
        draw(metadata, "fma_small", tracks_per_genre=3)
    message = str(caught.value)
    assert "Electronic: 2 (too few)" in message and "Folk: 2 (too few)" in message and "\n  Rock: 3\n" in message
    assert "tracks_per_genre=2 or fewer" in message and "fma_medium has more" in message


def test_the_draw_follows_its_seed_and_nothing_else(small):
    root, *_ = small
    metadata = read_metadata(root)
    draws = [tuple(draw(metadata.sample(frac=1, random_state=seed), "fma_small", seed=5).index) for seed in range(3)]
    assert len(set(draws)) == 1 and list(draws[0]) == sorted(draws[0])
    assert len({tuple(draw(metadata, "fma_small", seed=seed).index) for seed in range(8)}) > 1


def test_medium_holds_small_and_each_genre_that_is_not_among_the_six_stays_out(small):
    root, tracks, echonest = small
    tracks.loc[1000, ("set", "subset")] = "medium"
    tracks.loc[1001, ("set", "subset")] = "large"
    write_tables(root, tracks, echonest)
    metadata = read_metadata(root)
    assert len(fma.candidates(metadata, "fma_medium")) == 17 and len(fma.candidates(metadata, "fma_small")) == 16
    assert set(fma.candidates(metadata, "fma_medium")["genre"]) == set(GENRES)


def test_known_faulty_clips_are_never_drawn(tmp_path):
    assert {"098565", "098567", "098569", "099134", "108925", "133297"} < UNUSABLE and len(UNUSABLE) == 21
    tracks, echonest = tables(first=98560)  # six of them in a row are faulty
    write_tables(tmp_path, tracks, echonest)
    faulty = [f"{number:06d}" for number in tracks.index if f"{number:06d}" in UNUSABLE]
    assert len(faulty) == 7
    found = fma.candidates(read_metadata(tmp_path), "fma_small")
    assert not set(faulty) & set(found.index) and len(found) == 18 - 7


# A copy


@pytest.mark.parametrize("layout", ["", "clips/fma_small", "fma_small"])
def test_a_copy_of_any_layout_is_loaded_with_artist_album_and_valence(small, layout):
    root, *_ = small
    write_clips(root, read_metadata(root).index, layout=layout)
    (root / "fma_small" / "README.txt").write_text("not a clip")
    (root / "fma_small" / "._001000.mp3").write_bytes(b"fork")
    collection = load_collection("fma_small", root, tracks_per_genre=2, seed=3)
    assert collection.genres == list(GENRES) and len(collection.tracks) == 12 and not collection.is_demo
    assert collection.tracks["valence"].between(0, 1).all() and collection.tracks["duration"].between(0.9, 1.2).all()
    assert set(collection.tracks["artist_id"]) == {"7", "8"}
    assert set(collection.tracks["album"]) == {"Album 0", "Album 1"}


def test_drawn_clips_that_are_missing_are_all_listed(small):
    root, *_ = small
    drawn = draw(read_metadata(root), "fma_small").index
    write_clips(root, drawn[2:])
    told = f"2 of 12 drawn clips are not under .*\n  {drawn[0]}\n  {drawn[1]}\nrun `python -m genrelib data"
    with pytest.raises(DatasetError, match=told):
        load_collection("fma_small", root, tracks_per_genre=2)


# make check


def test_check_answers_from_the_metadata_alone(small, capsys):
    root, tracks, echonest = small
    write_tables(root, tracks.rename(index={1000: 98565}), echonest.rename(index={1000: 98565}))
    assert main(["check", "--collection", "fma_small", "--data", str(root)]) == 0
    told = capsys.readouterr().out
    assert "from the metadata alone" in told and "098565: left out: cut at the wrong place" in told
    counts = {line.split()[0]: line.split()[1:] for line in told.splitlines() if line.startswith(GENRES)}
    assert counts["Electronic"] == ["1", "2", "1"] and counts["Rock"] == ["0", "3", "0"]
    assert not (root / "fma_small").exists()


def test_check_of_too_few_is_an_error_with_the_counts(tmp_path, capsys):
    write_tables(tmp_path, *tables())
    assert main(["check", "--collection", "fma_small", "--data", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "75 tracks with a valence are drawn of each genre" in told and told.count("3 (too few)") == 6


def test_check_tells_the_state_of_each_clip(small):
    root, *_ = small
    ids = read_metadata(root).index[:18]
    write_clips(root, ids[1:])
    fma.find_clips("fma_small", root)[ids[2]].write_bytes(b"")
    table = check_collection("fma_small", root)
    assert table["state"][ids[0]] == "missing" and table["state"][ids[2]].startswith("unreadable: ")
    assert (table["state"] == "ok").sum() == 16 and table["path"][ids[1]].endswith(f"{ids[1]}.mp3")


def test_real_clips_are_those_of_the_list_and_decode():
    real = os.environ.get("GENRELIB_TEST_FMA")
    if not real:
        pytest.skip("needs real clips: GENRELIB_TEST_FMA names no folder with fma_small and tracks_genre_top.csv")
    known = pd.read_csv(Path(real) / "tracks_genre_top.csv")
    clips = fma.find_clips("fma_small", real)
    assert set(clips) == {f"{number:06d}" for number in known["track_id"]} and len(clips) == 23
    assert set(known["genre_top"]) <= set(GENRES)
    for row in known.itertuples():
        path = clips[f"{row.track_id:06d}"]
        assert hashlib.sha1(path.read_bytes()).hexdigest() == row.sha1
        assert len(read_audio(path)) / 22050 == pytest.approx(30, abs=0.05)
