import json
from dataclasses import replace

import keras
import pytest

from genrelib._base.errors import ResultError
from genrelib.classify.cards import read_card, trust_in_words
from genrelib.classify.loading import load_classifier
from genrelib.results.recording import record
from genrelib.training.protocols import run_protocols
from tests.classify.test_classifier import CARD
from tests.tiny import tiny_slices

LEVEL = {"accuracy": 0.4, "recall": {"blues": 1.0, "jazz": 0.5}}
RECORD = {
    "system": "mel_cnn1d", "collection": "gtzan_160", "is_demo": False, "split_unit": "slice", "level": "slice",
    "metric": "accuracy", "seeds": [4, 5], "versions": {},
    "options": {"sample_rate": 22050},
    "scores": [{"slice": {**LEVEL, "accuracy": 0.9}, "track": LEVEL}],
    "other_protocols": {"album": {"not_measured": "no albums"}, "artist": {
        "n_tracks_test": 46, "ci95": [0.2, 0.41], "scores": [
            {"slice": LEVEL, "track": {**LEVEL, "accuracy": 0.5}},
            {"slice": {**LEVEL, "accuracy": 0.2}, "track": LEVEL}]}},
}  # fmt: skip


def run_with(tmp_path, record):
    (tmp_path / "models").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "claim.json").write_text(json.dumps(record))
    return tmp_path / "models" / "claim.keras"


def test_a_model_of_a_run_has_its_card_from_the_record(tmp_path):
    card = read_card(run_with(tmp_path, RECORD))
    assert card["genres"] == ["blues", "jazz"] and card["sample_rate"] == 22050 and card["seed"] == 4
    assert card["accuracy"]["protocol"] == "artist" and card["accuracy"]["slice"] == pytest.approx(0.3)
    assert card["accuracy"]["slice_ci95"] == [0.2, 0.41]  # the record's own
    assert card["accuracy"]["track_ci95"] is None  # a record has the interval of its claim's level alone
    assert "45% of songs" in trust_in_words("claim", card) and "guessing names 50%" in trust_in_words("claim", card)


def mine(n_samples, n_classes):
    audio = keras.Input((n_samples,))
    windows = keras.layers.Reshape((n_samples // 64, 64))(audio)
    return keras.Model(audio, keras.layers.Dense(n_classes)(keras.layers.GlobalMaxPooling1D()(windows)))


def test_a_model_trained_at_another_rate_is_given_sound_at_that_rate(tmp_path):
    slices = replace(tiny_slices(tmp_path / "slices"), sample_rate=8000)
    runs = run_protocols(mine, slices, ["slice", "artist"], [0], folder=tmp_path, fit={"epochs": 1})
    record("idc-mel-cnn1d", runs)
    assert load_classifier(tmp_path / "models/idc-mel-cnn1d.keras").card["sample_rate"] == 8000


def test_no_rate_is_guessed(tmp_path):
    with pytest.raises(ResultError, match=r"sample_rate.*run its notebook again"):
        read_card(run_with(tmp_path, {**RECORD, "options": {}}))


def test_no_figure_of_another_split_passes_for_one_of_new_artists(tmp_path):
    others = {"artist": {"not_measured": "four genres are one artist each"}}
    card = read_card(run_with(tmp_path, {**RECORD, "other_protocols": others}))
    assert card["accuracy"] is None
    told = trust_in_words("claim", card)
    assert "was not measured" in told and "90%" not in told


def test_an_interval_that_is_not_known_is_left_out(tmp_path):
    others = {"artist": {"n_tracks_test": 1, "ci95": None, "scores": [{"slice": LEVEL, "track": LEVEL}]}}
    card = read_card(run_with(tmp_path, {**RECORD, "other_protocols": others}))
    assert card["accuracy"]["slice_ci95"] is None and "interval" not in trust_in_words("claim", card)


def test_a_demo_model_says_so(tmp_path):
    card = read_card(run_with(tmp_path, {**RECORD, "is_demo": True, "other_protocols": {}}))
    assert "evidence of nothing" in trust_in_words("claim", card)


@pytest.mark.parametrize("content, rule", [
    ("{", "cannot be read as such"),
    ("[]", "not a list"),
    (json.dumps({**CARD, "genres": ["one"]}), "two genres at least"),
    (json.dumps({**CARD, "genres": ["one", "one"]}), "two genres at least"),
    (json.dumps({**CARD, "sample_rate": 0}), "a rate in Hz"),
    (json.dumps({**CARD, "sample_rate": "22 kHz"}), "another type: sample_rate"),
    (json.dumps({**CARD, "accuracy": {}}), "share of slices"),
    (json.dumps({name: value for name, value in CARD.items() if name != "trust"}), "another type: trust"),
])  # fmt: skip
def test_malformed_cards_are_refused_by_name(tmp_path, content, rule):
    (tmp_path / "m.json").write_text(content)
    with pytest.raises(ResultError, match=rule) as refused:
        read_card(tmp_path / "m.keras")
    assert "m.json" in str(refused.value)


def test_a_record_without_scores_makes_no_card(tmp_path):
    with pytest.raises(ResultError, match="record's scores"):
        read_card(run_with(tmp_path, {**RECORD, "scores": []}))


def test_a_split_that_is_not_known_is_not_called_one_by_artist():
    card = {"trained_on": "a few songs", "genres": ["a", "b"], "trust": "", "accuracy": {"protocol": "", "slice": 0.5}}
    assert "never heard" not in trust_in_words("mine", card)
