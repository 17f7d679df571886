"""GTZAN: copies of every layout are recognised, and incomplete ones are refused in words."""

import os

import pytest
import soundfile as sf

from genrelib._base.errors import DatasetError
from genrelib.datasets import check_collection, gtzan, load_collection
from genrelib.datasets.gtzan import GENRES, UNDECODABLE, find_tracks, load_gtzan, read_index, track_list
from tests.making import GTZAN_TRACKS as TRACKS
from tests.making import write_gtzan, write_tree


@pytest.fixture(scope="module")
def whole_copy(tmp_path_factory):
    """Stand-ins of all 1000 tracks, in Kaggle's layout."""
    root = tmp_path_factory.mktemp("data")
    write_gtzan(root / "gtzan" / "Data" / "genres_original", read_index().index)
    return root


# Copies


@pytest.mark.parametrize("layout", ["genres", "Data/genres_original", "", "gtzan_mini-main/genres", "deep/er/still"])
@pytest.mark.parametrize("suffix", [".wav", ".au", ".WAV"])
def test_every_layout_is_recognised(tmp_path, monkeypatch, layout, suffix):
    monkeypatch.setattr(gtzan, "track_list", lambda name: TRACKS)
    paths = write_gtzan(tmp_path / "gtzan_mini" / layout, TRACKS, suffix)
    collection = load_collection("gtzan_mini", tmp_path)
    assert list(collection.tracks.index) == TRACKS and collection.genres == list(GENRES)
    assert list(collection.tracks["path"]) == [str(path) for path in paths]
    assert collection.tracks["duration"].tolist() == pytest.approx([0.02] * 20, abs=1e-4)
    assert list(collection.tracks["genre"]) == [track.split(".")[0] for track in TRACKS]


def test_what_is_no_track_never_becomes_one(tmp_path):
    write_tree(tmp_path, [
        "genres/rock/rock.00000.wav", "genres/rock/._rock.00001.wav", "genres/rock/rock.1.wav",
        "genres/rock/rock.00002.flac",
        "__MACOSX/genres/rock/rock.00003.wav", ".unpacked/rock/rock.00004.wav", "genres/rock/polka.00005.wav",
        "genres/rock/rock.00006 copy.wav", "genres/.AppleDouble/rock.00007.wav",
    ])  # fmt: skip
    for name in ("rock.mf", "bextract_single.mf", ".DS_Store", "rock/rock.00008.wav.part", "rock/rock.00009.mf"):
        (tmp_path / "genres" / name).write_text("not audio")
    (tmp_path / "genres" / "rock.00010.wav").mkdir()
    assert list(find_tracks(tmp_path)) == ["rock.00000"]
    assert find_tracks(tmp_path / "absent") == {}


def test_wav_comes_before_au_and_the_first_of_two_copies_first(tmp_path):
    write_tree(tmp_path, ["a/rock.00000.au", "b/rock.00000.wav", "c/rock.00000.wav", "d/rock.00000.au"])
    assert find_tracks(tmp_path) == {"rock.00000": tmp_path / "b" / "rock.00000.wav"}


@pytest.mark.parametrize("name", ["rock00000.wav", "rock.00000.au.wav", "rock.00000.wav.au", "Rock.00000.WAV"])
def test_a_track_is_known_by_the_names_that_copies_give_it(tmp_path, name):
    (path,) = write_tree(tmp_path, [f"genres/{name}"])
    assert find_tracks(tmp_path) == {"rock.00000": path}


def test_linked_copy_is_followed(tmp_path, monkeypatch):
    monkeypatch.setattr(gtzan, "track_list", lambda name: TRACKS)
    write_gtzan(tmp_path / "disk" / "genres", TRACKS)
    (tmp_path / "data" / "gtzan").mkdir(parents=True)
    (tmp_path / "data" / "gtzan" / "genres").symlink_to(tmp_path / "disk" / "genres")
    (tmp_path / "data" / "gtzan_mini").symlink_to(tmp_path / "disk")
    assert all(len(load_gtzan(name, tmp_path / "data").tracks) == 20 for name in ("gtzan", "gtzan_mini"))


def test_whole_copy_is_999_tracks_and_says_which_is_left_out(whole_copy, capsys):
    collection = load_collection("gtzan", whole_copy)
    assert len(collection.tracks) == 999 and UNDECODABLE not in collection.tracks.index
    assert capsys.readouterr().out == "jazz.00054 is left out: it cannot be decoded in any copy in circulation\n"
    assert [collection.why_not(unit) for unit in ("slice", "track", "artist", "fault_filtered")] == [None] * 4
    assert collection.why_not("album") == "gtzan knows no albums"
    parts = {"train": 442, "test": 290, "valid": 197, "": 70}
    assert collection.tracks["fault_filtered"].value_counts().to_dict() == parts
    assert "wav_md5" not in collection.tracks and "never redistributes" in collection.licence


@pytest.mark.parametrize(("name", "n_tracks", "artist"), [
    ("gtzan_160", 160, None),
    ("gtzan_mini", 100, "blues, classical, reggae, rock in gtzan_mini: fewer than two artists"),
])  # fmt: skip
def test_parts_are_picked_out_of_a_whole_copy(whole_copy, capsys, name, n_tracks, artist):
    collection = load_collection(name, whole_copy)
    assert list(collection.tracks.index) == track_list(name) and len(collection.tracks) == n_tracks
    assert collection.root == whole_copy / "gtzan" and capsys.readouterr().out == ""
    said = collection.why_not("artist")
    assert said is None if artist is None else said == f"{artist}, so none is left to test on"
    assert collection.why_not("album") == f"{name} knows no albums"
    assert "published for the whole of GTZAN" in collection.why_not("fault_filtered")


def test_998_tracks_are_not_gtzan(whole_copy, tmp_path):
    lacking = [track for track in track_list("gtzan") if track not in track_list("gtzan_160")][::700]
    os.mkdir(tmp_path / "gtzan")
    for track, path in find_tracks(whole_copy).items():
        if track not in lacking:
            os.link(path, tmp_path / "gtzan" / path.name)
    with pytest.raises(DatasetError) as caught:
        load_collection("gtzan", tmp_path)
    message = str(caught.value)
    assert message.startswith(f"gtzan is complete at 999 tracks; {tmp_path / 'gtzan'} holds 997 and lacks 2:\n")
    assert len(lacking) == 2 and "\n".join(f"  {track}" for track in lacking) in message
    assert "gtzan_160" in message and "python -m genrelib data --collection gtzan" in message
    assert len(load_collection("gtzan_160", tmp_path).tracks) == 160


def test_no_copy_says_how_to_have_one(tmp_path):
    for name in gtzan.NAMES:
        os.makedirs(tmp_path / "empty" / name)
        for root in (tmp_path / "absent", tmp_path / "empty"):
            told = f"{name}: no GTZAN tracks, such as blues.* under .*{name}; run `.* data --collection {name}`"
            with pytest.raises(DatasetError, match=told):
                load_collection(name, root)


def test_check_tells_the_state_of_every_track(tiny_gtzan, tmp_path, monkeypatch):
    index = gtzan.read_index()
    index.loc[UNDECODABLE] = index.iloc[0]
    index.loc["rock.00001", "excluded_as_fault"] = "yes"
    monkeypatch.setattr(gtzan, "read_index", lambda: index)
    paths = {path.stem: path for path in write_gtzan(tmp_path / "gtzan" / "genres", [*TRACKS, UNDECODABLE])}
    paths["blues.00000"].unlink()
    paths["disco.00000"].write_bytes(paths["disco.00000"].read_bytes()[:-100])
    paths["metal.00000"].write_bytes(paths["metal.00001"].read_bytes())
    samples, rate = sf.read(paths["pop.00000"], dtype="int16")
    paths["pop.00000"].unlink()
    sf.write(paths["pop.00000"].with_suffix(".au"), samples, rate, subtype="PCM_16")
    table = check_collection("gtzan", tmp_path)
    told = {"blues.00000": "missing", "disco.00000": "unreadable: ", "metal.00000": "differs", UNDECODABLE: "left out"}
    for track, state in table["state"].items():
        assert state.startswith(told[track]) if track in told else state == "ok", track
    assert len(table) == 21 and table.loc["rock.00001", "known_fault"] == "repeat or unusable"
    assert (table["known_fault"] != "").sum() == 1 and table.loc["blues.00000", "path"] == ""
    assert "truncated" in table.loc["disco.00000", "state"] and table.loc["pop.00000", "path"].endswith(".au")
    assert list(check_collection("gtzan_mini", tmp_path / "absent")["state"]) == ["missing"] * 20
