import json

import numpy as np
import pytest

from genrelib._base.errors import GenrelibError
from genrelib.classify.classifier import load_classifier
from tests.tiny import tiny_slices
from tools import pretrain as pretraining
from tools.pretrain import fold_of_all, pretrain

FIT = {"epochs": 2, "batch_size": 16, "patience": 2}
SMALL = {"one": ("mel_cnn1d", {"filters": (4,)}), "two": ("mel_cnn1d", {"filters": (4, 8)})}


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    return tiny_slices(tmp_path_factory.mktemp("slices"), n_artists=4)


def test_all_is_trained_on_but_a_part_of_other_artists(slices):
    fold = fold_of_all(slices)
    assert sorted([*fold.train, *fold.validation]) == list(range(len(slices))) and len(fold.test) == 0
    artists = slices.collection.tracks["artist_id"].loc[slices.table["track_id"]].to_numpy()
    assert not set(artists[fold.train]) & set(artists[fold.validation])


def test_the_model_comes_with_a_card_of_three_artist_folds(slices, tmp_path):
    card = pretrain(slices, tmp_path / "small.keras", folder=tmp_path, candidates=SMALL, fit=FIT)
    assert json.loads((tmp_path / "small.json").read_text()) == json.loads(json.dumps(card, default=list))
    assert card["accuracy"]["n_tracks"] == len(slices.collection.tracks)  # each track was tested once
    assert len(list((tmp_path / "trained").iterdir())) == 6
    figures = card["chosen_by"]["mean_validation_accuracy_over_the_folds"]
    assert figures[card["chosen_by"]["chosen"]] == max(figures.values())
    classifier = load_classifier(tmp_path / "small.keras")
    assert classifier.n_samples == slices.n_samples
    assert np.allclose(classifier.predict(np.zeros((2, slices.n_samples), np.float32)).sum(axis=1), 1, atol=1e-5)


def test_a_model_that_is_too_large_for_git_is_refused(slices, tmp_path, monkeypatch):
    monkeypatch.setattr(pretraining, "LIMIT", 1000)
    with pytest.raises(GenrelibError, match="under 1 MB"):
        pretrain(slices, tmp_path / "small.keras", folder=tmp_path, candidates={"one": SMALL["one"]}, fit=FIT)
    assert not (tmp_path / "small.keras").exists() and not (tmp_path / "small.json").exists()
