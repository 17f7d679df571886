"""Models that were saved, classified with by the command and in Python: what it prints, refuses and passes over."""

import csv
import io
import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from genrelib.__main__ import main
from genrelib._base.errors import GenrelibError, ResultError
from genrelib.audio import read_audio
from genrelib.classify.loading import load_classifier, save_classifier
from tests.classify.test_classifier import CARD, GENRES, RATE, SLICE, tone, write
from tests.making import noise


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A real model of raw audio, and its card."""
    import keras

    path = tmp_path_factory.mktemp("models") / "tiny.keras"
    audio = keras.Input((SLICE,))
    pooled = keras.layers.GlobalMaxPooling1D()(keras.layers.Conv1D(2, 5)(keras.layers.Reshape((SLICE, 1))(audio)))
    keras.Model(audio, keras.layers.Dense(2)(pooled)).save(path)
    path.with_suffix(".json").write_text(json.dumps(CARD))
    return path


def test_a_saved_model_answers_logits_as_probabilities(saved, tmp_path):
    from genrelib.training.loop import load_model

    song = write(tmp_path / "song.wav", noise(1.1, sample_rate=RATE))
    answer = load_classifier(saved).classify(song)
    logits = load_model(saved).predict(read_audio(song, sample_rate=RATE)[: 2 * SLICE].reshape(2, SLICE), verbose=0)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(answer.timeline[GENRES], expected, atol=1e-5)
    assert answer.model == "tiny" and sum(answer.probabilities.values()) == pytest.approx(1)


def test_models_that_are_not_of_songs_are_refused(saved, tmp_path):
    import keras

    for name in (tmp_path / "none.keras", "Embedded"):
        with pytest.raises(GenrelibError, match="no such model file; name embedded, pretrained or a .keras file"):
            load_classifier(name)
    keras.Sequential([keras.Input((57,)), keras.layers.Dense(3)]).save(tmp_path / "wide.keras")
    with pytest.raises(ResultError, match="names and its sample rate"):
        load_classifier(tmp_path / "wide.keras")
    shutil.copy(saved.with_suffix(".json"), tmp_path / "wide.json")
    with pytest.raises(ResultError, match="its 2 genres; this one goes from"):
        load_classifier(tmp_path / "wide.keras")


def test_the_command_goes_on_past_what_it_cannot_read(saved, tmp_path, capsys):
    write(tmp_path / "a.wav", tone(1, 0.5))
    (tmp_path / "b.wav").write_text("no sound")
    write(tmp_path / "c.mp3", tone(3, 0.5, 22050), 22050)
    assert main(["classify", str(tmp_path), str(tmp_path / "gone.mp3"), "--model", str(saved), "--top", "1"]) == 1
    told = capsys.readouterr()
    assert "a.wav (0:01) by tiny" in told.out and "c.mp3 (0:03) by tiny" in told.out and "b.wav" not in told.out
    assert told.err.count("not classified: ") == 2
    assert "b.wav: not audio" in told.err and "gone.mp3: no such" in told.err
    assert "50% of slices" in told.out


def test_json_is_one_object(saved, tmp_path, capsys):
    song, broken = write(tmp_path / "a.wav", tone(1, 0.5)), tmp_path / "b.wav"
    assert main(["classify", str(song), "--json", "--model", str(saved)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["failed"] == [] and found["model"] == "tiny" and "50% of slices" in found["trust"]
    assert len(found["songs"]) == 1 and len(found["songs"][0]["timeline"]) == 2
    assert {entry["genre"] for entry in found["songs"][0]["top"]} == set(GENRES)
    assert main(["classify", str(broken), "--json", "--model", str(saved)]) == 1
    assert json.loads(capsys.readouterr().out)["failed"][0]["song"] == str(broken)


def test_a_model_that_is_missing_is_one_clear_line(tmp_path, capsys):
    assert main(["classify", "song.mp3", "--model", str(tmp_path / "none.keras")]) == 1
    assert "no such model file" in capsys.readouterr().err


def test_a_bad_option_is_refused_once_before_any_work(capsys):
    assert main(["classify", "a.mp3", "b.mp3", "--top", "0"]) == 1
    assert capsys.readouterr().err.count("given top=0") == 1


def test_a_table_has_a_row_a_song(saved, tmp_path, capsys):
    song = write(tmp_path / "a, b.wav", tone(1, 0.5))
    assert main(["classify", str(song), "--csv", "--model", str(saved)]) == 0
    told = capsys.readouterr()
    header, row = csv.reader(told.out.splitlines())
    assert header == ["song", "seconds", "top", *GENRES, "notes"] and row[0] == str(song)
    assert sum(map(float, row[3:-1])) == pytest.approx(1, abs=1e-3) and set(row[2].split(", ")) == set(GENRES)
    assert "model: tiny" in told.err and "50% of slices" in told.err
    assert main(["classify", str(song), "gone.wav", "--csv", "--top", "1", "--model", str(saved)]) == 1
    assert list(csv.reader(capsys.readouterr().out.splitlines()))[1][2] == row[2].split(", ")[0]
    assert main(["classify", "gone.wav", "--csv", "--model", str(saved)]) == 1
    assert list(csv.reader(capsys.readouterr().out.splitlines())) == [header]


def test_a_folder_with_odd_files_is_heard_and_what_is_passed_over_is_named(saved, tmp_path, capsys):
    folder = tmp_path / "songs.wav"  # a folder, whatever its name
    folder.mkdir()
    sound = write(tmp_path / "sound.wav", tone(1, 0.5)).read_bytes()
    odd = [b"new\nline.wav", b"quo\"te's.wav", *([b"caf\xe9.wav"] if sys.platform == "linux" else [])]
    for name in odd:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(sound)
    for name, content in {"notes.txt": b"x", "list.m3u": b"#EXTM3U\n", "empty.wav": b"", "page.mp3": b"<html>"}.items():
        (folder / name).write_bytes(content)
    assert main(["classify", str(folder), "--model", str(saved)]) == 1
    printed = capsys.readouterr()
    lines = printed.err.splitlines()
    assert printed.out.count(" by tiny\n") == len(odd) and "\nline.wav" not in printed.out
    assert sum(line.startswith("not classified: ") for line in lines) == 2
    assert [line for line in lines if line.startswith("passed over")] == [
        "passed over: 2, no sound (list.m3u, notes.txt)"
    ]
    assert main(["classify", str(folder), "--json", "--model", str(saved)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert len(found["songs"]) == len(odd) and len(found["failed"]) == 2
    assert found["passed_over"] == {"no sound": [str(folder / "list.m3u"), str(folder / "notes.txt")]}


def test_a_song_comes_on_standard_input(saved, tmp_path, capsys, monkeypatch):
    def ask(content, *options):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        return main(["classify", "-", "--model", str(saved), *options])

    sound = write(tmp_path / "song.flac", tone(1, 0.5)).read_bytes()
    assert ask(sound) == 0 and "standard input (0:01) by" in capsys.readouterr().out
    assert ask(sound, "--json") == 0
    (song,) = json.loads(capsys.readouterr().out)["songs"]
    assert song["seconds"] == 1.0 and song["song"] == "-"
    assert ask(b"\0\0\0\x20ftypM4A " * 40, "--json") == 1
    told = capsys.readouterr()
    (failed,) = json.loads(told.out)["failed"]
    assert failed["song"] == "-" and "ffmpeg -i - " in failed["error"]
    assert told.err.startswith("not classified: standard input: not audio")


def test_two_forms_at_once_are_refused(capsys):
    with pytest.raises(SystemExit):
        main(["classify", "a.wav", "--json", "--csv"])
    assert "not allowed with" in capsys.readouterr().err


def test_what_was_trained_here_is_saved_with_its_card_and_classifies(tmp_path):
    import keras

    import genrelib as gl
    from tests.training.test_loop import tiny_slices

    slices = tiny_slices(tmp_path)
    audio = keras.Input((slices.samples.shape[1],))
    pooled = keras.layers.GlobalMaxPooling1D()(keras.layers.Reshape((slices.samples.shape[1], 1))(audio))
    model = keras.Model(audio, keras.layers.Dense(len(slices.genres), activation="softmax")(pooled))
    scores = gl.evaluate(model, slices, np.arange(len(slices)), protocol="slice")
    path = save_classifier(model, tmp_path / "mine.keras", slices, scores)
    mine = load_classifier(path)
    assert mine.card["genres"] == slices.genres and mine.card["sample_rate"] == slices.sample_rate
    assert f"{scores.slice.accuracy:.0%} of slices" in mine.trust and "songs that it was trained on" in mine.trust
    sound = tone(2, 0.5, slices.sample_rate)
    assert set(mine.classify(sound, sample_rate=slices.sample_rate).probabilities) == set(slices.genres)
    with pytest.raises(GenrelibError, match=r"\.keras file"):
        save_classifier(model, tmp_path / "mine.h5", slices)
