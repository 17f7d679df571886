"""What every collection, table and result must hold; a new one without an expectation fails."""

import json
import re

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from genrelib._base.deal import DUET
from genrelib._base.paths import RESULTS, published
from genrelib.audio import duration_seconds
from genrelib.datasets import NAMES, artist20, check_collection, fma, gtzan, load_collection
from genrelib.datasets.collection import COLUMNS
from genrelib.datasets.demo import collection as demo
from genrelib.results.claims import read_claims
from genrelib.results.records import read_records
from genrelib.results.scoreboard import COLUMNS as BOARD_COLUMNS
from genrelib.splits import UNITS
from tests.datasets.test_artist20 import small as artist20_copy  # noqa: F401, a fixture
from tests.datasets.test_fma import small as fma_copy  # noqa: F401, a fixture
from tests.datasets.test_fma import write_clips
from tests.making import GTZAN_TRACKS, ROOT, write_gtzan, write_tree

GENRES = {"demo": set(demo.GENRES), "gtzan": set(gtzan.GENRES), "fma_small": set(fma.GENRES)}
MORE = {"demo": {"title", "valence", "sounds_like"}, "folder": set(), "artist20": {"song"},
        "fma_small": {"title", "valence"}, "fma_medium": {"title", "valence"},
        "gtzan": {"title", "artist_fold", "excluded_as_fault", "fault_filtered"},
        "gtzan_160": {"title", "artist_fold", "excluded_as_fault"},
        "gtzan_mini": {"title", "excluded_as_fault"}}  # fmt: skip
RATES = {"artist20": artist20.SAMPLE_RATE, "fma_small": 44100, "fma_medium": 44100}
OF_RESULTS = {
    "results",
    "predictions",
    "curves",
    "points",
    "leakage.json",
    "scoreboard.csv",
    "scoreboard.md",
    "times.json",
}


def made(name, tmp_path, request, monkeypatch):
    """Lay out a small stand-in of a collection, and load it."""
    if name == "demo":
        return load_collection(name, tmp_path, tracks_per_genre=4, seconds=1, sample_rate=22050, progress=False)
    if name == "folder":
        write_tree(tmp_path / "folder", ["rock/a.wav", "rock/deep/b.flac", "blues/c.wav"])
        return load_collection(tmp_path / "folder")
    if name.startswith("gtzan"):
        monkeypatch.setattr(gtzan, "track_list", lambda name: list(GTZAN_TRACKS))
        write_gtzan(tmp_path / name / "genres", GTZAN_TRACKS)
    if name == "artist20":
        return load_collection(name, request.getfixturevalue("artist20_copy"), seconds=0.3, progress=False)
    if name.startswith("fma"):
        root, tracks, _ = request.getfixturevalue("fma_copy")
        write_clips(root, [f"{number:06d}" for number in tracks.index], name)
        return load_collection(name, root, tracks_per_genre=2)
    return load_collection(name, tmp_path)


def keeps_the_contract(name, collection):
    """Check it; give the number of tracks."""
    tracks = collection.tracks
    assert collection.name == name and tracks.index.name == "track_id" and tracks.index.is_unique
    assert set(tracks.columns) == {*COLUMNS, *MORE[name]}
    assert all(isinstance(track, str) and track for track in tracks.index)
    for column in ("path", "genre"):
        assert all(isinstance(one, str) and one for one in tracks[column])
    for column in ("artist", "artist_id", "album"):
        assert all(pd.isna(one) or (isinstance(one, str) and one) for one in tracks[column])
    assert tracks["duration"].dtype == np.float64 and (tracks["duration"] > 0).all()
    assert set(tracks["genre"]) <= GENRES.get(name.replace("medium", "small"), set(tracks["genre"]))
    assert collection.genres == sorted(set(tracks["genre"])) and len(collection.genres) >= 2
    if "valence" in tracks:
        assert tracks["valence"].between(0, 1).all()
    for row in tracks.itertuples():
        assert abs(duration_seconds(row.path) - row.duration) < 0.01
        assert sf.info(row.path).samplerate == RATES.get(name, 22050)
    assert collection.is_demo == (name == "demo")
    assert name == "folder" or (collection.licence and collection.citation)
    for unit in UNITS:
        reason = collection.why_not(unit)
        assert reason is None or isinstance(reason, str)
    return len(tracks)


@pytest.mark.parametrize("name", [*NAMES, "folder"])
def test_every_collection_keeps_the_contract(name, tmp_path, request, monkeypatch):
    """Columns, types, unique ids, genres known, files there, lengths, rate, licence: every collection, in small"""
    keeps_the_contract(name, made(name, tmp_path, request, monkeypatch))


@pytest.mark.parametrize("name", ["gtzan_mini", "gtzan_160"])
def test_real_collections_keep_the_contract(name, real_audio):
    """The same of real audio, every track, where it is at hand"""
    collection = load_collection(name, real_audio)
    keeps_the_contract(name, collection)
    assert len(collection.tracks) == int(name.removeprefix("gtzan_").replace("mini", "100"))
    assert collection.tracks["duration"].between(29.5, 31.5).all() and len(collection.genres) == 10
    assert set(check_collection(name, real_audio)["state"]) == {"ok"}


def test_every_collection_has_an_expectation():
    """A collection that is added without its columns fails here"""
    assert set(MORE) == {*NAMES, "folder"}


# Tables


def test_claims():
    """data/claims.csv: columns, unique ids named after their report, numbers where a figure is claimed"""
    claims = read_claims()
    assert len(claims) >= 51 and claims.index.is_unique
    for claim_id, row in claims.iterrows():
        assert claim_id.startswith(f"{row['report']}-") and re.fullmatch(r"[a-z0-9-]+", claim_id), claim_id
        assert row["task"] and row["system"] and row["report_collection"] and row["words_of_the_report"], claim_id
        assert row["operator"] == "=" or float(row["value"]) is not None, claim_id
        if re.fullmatch(r"accuracy|.*_f1|macro_\w+|recall_[a-z]+", row["metric"]) and row["operator"] == "=":
            assert 0 <= float(row["value"]) <= 1, claim_id


def test_gtzan_index():
    """data/gtzan/index.csv: 1000 tracks, 100 a genre, an MD5 each, folds that share no artist, published list sizes"""
    index = gtzan.read_index()
    assert list(index.columns) == ["genre", "artist", "title", "artist_id", "artist_fold", "gtzan_160_fold",
                                   "fault_filtered", "excluded_as_fault", "wav_md5"]  # fmt: skip
    assert len(index) == 1000 and index.index.is_unique and (index["genre"].value_counts() == 100).all()
    assert all(gtzan.TRACK_NAME.match(name) and name.split(".")[0] == genre for name, genre in index["genre"].items())
    no_audio = index.index[~index["wav_md5"].str.fullmatch("[0-9a-f]{32}")]
    assert list(no_audio) in ([], [gtzan.UNDECODABLE])
    assert (index["excluded_as_fault"] == "yes").sum() == 52
    lists = index["fault_filtered"].value_counts()
    assert (lists["train"], lists["valid"], lists["test"]) == (443, 197, 290)
    for name, n in (("gtzan", 999), ("gtzan_160", 160), ("gtzan_mini", 100)):
        listed = gtzan.track_list(name)
        assert len(listed) == n == len(set(listed)) and set(listed) <= set(index.index) - {gtzan.UNDECODABLE}
    assert set(index.loc[gtzan.track_list("gtzan_mini"), "genre"].value_counts()) == {10}
    assert index.loc[gtzan.track_list("gtzan_160")].groupby("genre")["artist_id"].nunique().min() >= 5


def test_gtzan_artists():
    """data/gtzan/index.csv: an artist has one id, a fold its own artists, the published lists too but for a duet"""
    index = gtzan.read_index()
    known = index[index["artist_id"].notna()]
    assert len(index) - len(known) == 83  # 81 of no known artist, two on which several of GTZAN's artists sing
    assert list(index.index[index["artist_id"].isna() & index["artist"].notna()]) == ["pop.00012", "reggae.00087"]
    assert known.groupby("artist")["artist_id"].nunique().max() == 1
    spellings = known.groupby("artist_id")["artist"].agg(lambda names: sorted(set(names)))
    assert spellings[spellings.map(len) > 1].to_dict() == {
        "donna-summer": ["Barbra Streisand and Donna Summer", "Donna Summer"],
        "earth-wind-and-fire": ["Earth Wind and Fire", "Earth, Wind & Fire"],
        "peter-tosh": ["Peter Tosh", "Peter Tosh and Mick Jagger"],
        "rage-against-the-machine": ["Rage Against The Machine", "Rage Against the Machine"],
    }
    some = gtzan.track_list("gtzan_160")
    assert set(index.index[index["artist_fold"] != ""]) == set(known.index)
    assert set(index.index[index["gtzan_160_fold"] != ""]) == set(some)
    for column in ("artist_fold", "gtzan_160_fold"):
        within = known[known[column] != ""]
        assert set(within[column]) == {"0", "1", "2"} and within.groupby("artist_id")[column].nunique().max() == 1
        assert within.groupby(column)["genre"].nunique().min() == 10
    lists = known[known["fault_filtered"] != ""].groupby("artist_id")["fault_filtered"].agg(set)
    assert lists[lists.map(len) > 1].to_dict() == {"donna-summer": {"train", "valid"}}
    tracks = known[(known["artist_id"] == "donna-summer") & (known["fault_filtered"] == "train")]
    assert list(tracks.index) == [DUET]
    assert DUET in (ROOT / "docs" / "data.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", published())
def test_results(name):
    """results/<collection>: records, predictions that fit them, a scoreboard of every claim, no other files"""
    folder, records = RESULTS / name, read_records(RESULTS / name)
    assert {path.name for path in folder.iterdir() if path.suffix != ".ipynb"} <= OF_RESULTS
    assert {path.name for path in (folder / "results").iterdir()} <= {f"{claim}.json" for claim in read_claims().index}
    assert {path.suffix for path in (folder / "predictions").iterdir()} == {".parquet"}
    leakage = json.loads((folder / "leakage.json").read_text())
    assert leakage.keys() == {"kinds", "believed", "changed"} and all(leakage.values())
    assert all(0 <= row["share"] <= 1 for row in leakage["kinds"])
    for path in sorted((folder / "predictions").glob("*.parquet")):
        frame = pd.read_parquet(path)
        assert list(frame.columns[:3]) == ["track_id", "slice", "true"] and {"seed", "protocol"} <= set(frame.columns)
        probabilities = frame.filter(regex=r"^p\d+$")
        sums = probabilities.sum(axis=1)
        assert len(frame) and np.isfinite(probabilities).all(axis=None), path
        assert frame["named"].isin(range(10)).all() if "named" in frame else sums.between(0.99, 1.01).all(), path
        assert any(path.stem.startswith(name) for name in (*records, "leakage")), path
        assert set(frame["protocol"]) <= set(UNITS), path
    times = json.loads((folder / "times.json").read_text())
    assert all(re.match(r"\d\d_", one) and seconds > 0 for one, seconds in times.items())
    board = pd.read_csv(folder / "scoreboard.csv", keep_default_na=False)
    assert list(board.columns) == BOARD_COLUMNS and board["claim_id"].is_unique
    # a claim of a report that was added since is on the board of the next run
    assert {*records} <= {*board["claim_id"]} <= {*read_claims().index}
