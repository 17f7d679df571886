from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from genrelib._base.errors import ResultError
from genrelib.evaluation.intervals import interval_of_mean
from genrelib.evaluation.scores import evaluate, paired_difference, score_predictions

GENRES = ["blues", "jazz", "metal", "rock"]


def table(track_id, true, p, **extra):
    p = np.asarray(p, dtype=np.float32)
    columns = {f"p{i}": p[:, i] for i in range(p.shape[1])}
    frame = {"track_id": track_id, "slice": np.arange(len(p)), "true": true, **columns, "seed": 0, "protocol": "slice"}
    return pd.DataFrame({**frame, **extra})


def drawn(n_tracks, *, n_slices=5, k=4, seed=0, skill=0.5):
    """Random predictions, right more often than by chance."""
    rng = np.random.default_rng(seed)
    true = np.repeat(rng.integers(0, k, n_tracks), n_slices)
    p = rng.dirichlet(np.ones(k), len(true)) + skill * np.eye(k)[true]
    return table(np.repeat([f"t{i}" for i in range(n_tracks)], n_slices), true, p / p.sum(axis=1, keepdims=True))


def one_hot(labels, k=4):
    return np.eye(k)[labels]


@pytest.mark.parametrize("seed", range(5))
def test_slice_figures_equal_scikit_learn(seed):
    frame = drawn(40, seed=seed)
    p = frame[[f"p{i}" for i in range(4)]].to_numpy()
    true, predicted = frame["true"], p.argmax(axis=1)
    ours = score_predictions(frame, GENRES, n_resamples=10).slice
    assert ours.accuracy == pytest.approx(metrics.accuracy_score(true, predicted))
    for name in ("f1", "precision", "recall"):
        expected = getattr(metrics, f"{name}_score")(true, predicted, average="macro", zero_division=0)
        assert getattr(ours, f"macro_{name}") == pytest.approx(expected)
    assert ours.weighted_f1 == pytest.approx(metrics.f1_score(true, predicted, average="weighted"))
    assert ours.top3_accuracy == pytest.approx(metrics.top_k_accuracy_score(true, p, k=3))
    assert list(ours.recall.values()) == pytest.approx(metrics.recall_score(true, predicted, average=None))
    np.testing.assert_array_equal(ours.confusion, metrics.confusion_matrix(true, predicted))
    assert ours.n == 200


def test_an_absent_genre_has_no_part_in_macro_averages_and_one_never_predicted_counts_zero():
    frame = table(list("abcd"), [0, 0, 1, 1], one_hot([0, 2, 1, 1]))  # nothing is metal, yet metal is predicted
    ours = score_predictions(frame, GENRES).slice
    assert np.isnan(ours.recall["metal"]) and np.isnan(ours.recall["rock"]) and ours.recall["blues"] == 0.5
    assert ours.macro_recall == pytest.approx(0.75)
    expected = metrics.f1_score([0, 0, 1, 1], [0, 2, 1, 1], labels=[0, 1], average="macro")
    assert ours.macro_f1 == pytest.approx(expected)
    never = score_predictions(table(list("ab"), [0, 1], one_hot([0, 0])), GENRES).slice
    assert never.macro_precision == pytest.approx(0.25) and never.macro_f1 == pytest.approx((2 / 3 + 0) / 2)


def test_votes_equal_a_naive_loop():
    frame = drawn(30, seed=3, skill=0.2).sample(frac=1, random_state=0)
    columns = [f"p{i}" for i in range(4)]
    mean_right, majority_right = [], []
    for _, track in frame.groupby("track_id"):
        mean = track[columns].to_numpy(float).mean(axis=0)
        votes = np.bincount(track[columns].to_numpy().argmax(axis=1), minlength=4)
        majority = max(range(4), key=lambda genre: (votes[genre], mean[genre]))
        mean_right.append(mean.argmax() == track["true"].iloc[0])
        majority_right.append(majority == track["true"].iloc[0])
    scores = score_predictions(frame, GENRES, n_resamples=10)
    assert scores.track.accuracy == pytest.approx(np.mean(mean_right))
    assert scores.track_majority.accuracy == pytest.approx(np.mean(majority_right))
    assert (scores.slice.n, scores.track.n, scores.track_majority.n) == (150, 30, 30)


def test_interval_equals_a_naive_loop_over_tracks():
    frame = drawn(12, seed=2)
    rng = np.random.default_rng(7)
    draws = rng.multinomial(12, np.full(12, 1 / 12), size=300)
    given = frame[["p0", "p1", "p2", "p3"]].to_numpy().argmax(axis=1)
    slices_of = [np.flatnonzero(frame["track_id"] == f"t{i}") for i in range(12)]
    accuracy, f1 = [], []
    for draw in draws:
        rows = np.concatenate([np.tile(slices_of[i], n) for i, n in enumerate(draw)]).astype(int)
        true, predicted = frame["true"].iloc[rows], given[rows]
        accuracy.append((true == predicted).mean())
        f1.append(metrics.f1_score(true, predicted, labels=np.unique(true), average="macro", zero_division=0))
    ours = score_predictions(frame, GENRES, n_resamples=300, seed=7).slice.ci95
    assert ours["accuracy"] == pytest.approx(np.percentile(accuracy, [2.5, 97.5]))
    assert ours["macro_f1"] == pytest.approx(np.percentile(f1, [2.5, 97.5]))
    hits = given == frame["true"]
    assert interval_of_mean(hits, frame["track_id"], n_resamples=300, seed=7) == pytest.approx(ours["accuracy"])


GOOD = table(list("aab"), [0, 0, 1], one_hot([0, 1, 1]))


def test_paired_difference_by_hand():
    true = np.repeat([0, 1, 2, 3], 5)
    ids = np.repeat(list("abcd"), 5)
    right, half = table(ids, true, one_hot(true)), table(ids, true, one_hot(np.where(np.arange(20) % 5 < 2, 0, true)))
    difference, (low, high) = paired_difference(right, half)
    assert difference == pytest.approx(6 / 20)  # a is blues: its two changed slices stay right
    assert 0 <= low < difference < high <= 0.4
    assert paired_difference(half, right)[0] == -difference
    assert paired_difference(right, half, level="track")[0] == 0
    assert paired_difference(half, half) == (0, (0, 0))


def test_paired_difference_is_of_the_scores_and_ignores_row_order():
    a, b = drawn(40, seed=1), drawn(40, seed=1, skill=0.1)
    for level in ("slice", "track", "track_majority"):
        accuracies = [getattr(score_predictions(frame, GENRES), level).accuracy for frame in (a, b)]
        shuffled = b.sample(frac=1, random_state=1)
        assert paired_difference(a, shuffled, level=level)[0] == pytest.approx(accuracies[0] - accuracies[1])


def test_paired_difference_over_seeds_is_the_mean_of_equal_parts():
    a = pd.concat([drawn(20, seed=1), drawn(20, seed=2).assign(seed=1)])
    b = pd.concat([drawn(20, seed=1, skill=0), drawn(20, seed=2, skill=0).assign(seed=1)])
    apart = [paired_difference(a[a["seed"] == seed], b[b["seed"] == seed])[0] for seed in (0, 1)]
    assert paired_difference(a, b)[0] == pytest.approx(np.mean(apart))


@pytest.mark.parametrize(
    "other", [GOOD.iloc[:2], GOOD.assign(true=[1, 1, 0]), GOOD.assign(slice=[0, 1, 3]), GOOD.assign(seed=1)]
)
def test_paired_difference_refuses_other_rows(other):
    with pytest.raises(ResultError, match="same test rows"):
        paired_difference(GOOD, other)


def test_paired_difference_refuses_empty_and_unknown():
    with pytest.raises(ResultError, match="no row"):
        paired_difference(GOOD.iloc[:0], GOOD.iloc[:0])
    with pytest.raises(ResultError, match="level is one of"):
        paired_difference(GOOD, GOOD, level="artist")


class Stub:
    """A model that reads its answer from the first samples of a slice, and keeps the sizes it was asked for."""

    def __init__(self, k=4):
        self.k, self.sizes, self.seen = k, [], []

    def predict(self, audio, *, batch_size, verbose):
        assert audio.dtype == np.float32
        self.sizes.append(len(audio))
        self.seen.append(audio)
        return one_hot((audio[:, 0] * 32768).round().astype(int) % self.k, self.k)


def slice_set(n=20, n_samples=8):
    samples = np.zeros((n, n_samples), dtype=np.int16)
    samples[:, 0] = labels = np.arange(n) % 4
    samples[:, 1] = -32768
    ids = pd.DataFrame({"track_id": [f"t{label}" for label in labels]})
    return SimpleNamespace(samples=samples, table=ids, labels=labels, genres=GENRES)


def test_evaluate_scales_int16_and_keeps_order():
    slices, model = slice_set(), Stub()
    scores = evaluate(model, slices, np.array([7, 2, 13]), seed=5, protocol="track")
    assert scores.slice.accuracy == 1
    assert model.seen[0].min() == -1
    assert scores.frame["slice"].tolist() == [7, 2, 13]
    assert scores.frame["track_id"].tolist() == ["t3", "t2", "t1"]
    assert set(scores.frame["seed"]) == {5} and set(scores.frame["protocol"]) == {"track"}
    assert list(scores.frame.columns) == ["track_id", "slice", "true", "p0", "p1", "p2", "p3", "seed", "protocol"]


def test_evaluate_reads_in_pieces(monkeypatch):
    monkeypatch.setattr("genrelib.evaluation.scores.READ_BYTES", 4 * 8 * 6)  # room for six slices
    model = Stub()
    evaluate(model, slice_set(), np.arange(20), batch_size=3)
    assert model.sizes == [6, 6, 6, 2]
    model = Stub()
    evaluate(model, slice_set(), np.arange(20), batch_size=8)  # never less than a batch
    assert model.sizes == [8, 8, 4]


@pytest.mark.parametrize(
    ("n_genres", "positions", "words"),
    [(4, [], "at least one slice"), (4, [20], r"0\.\.19"), (4, [-1, 3], r"0\.\.19"), (3, [0], "n_classes=4")],
)
def test_evaluate_refuses_bad_positions_and_a_model_of_other_genres(n_genres, positions, words):
    with pytest.raises(ResultError, match=words):
        evaluate(Stub(k=n_genres), slice_set(), np.array(positions, dtype=int))


def test_evaluate_a_keras_model_with_softmax_logits_and_nested():
    import keras

    slices = slice_set()
    slices.samples[:] = np.random.default_rng(0).integers(-9999, 9999, slices.samples.shape)
    logits = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
    apart = keras.Sequential([keras.Input((8,)), logits, keras.layers.Softmax()])
    inputs = keras.Input((8,))
    nested = keras.Model(inputs, logits(inputs))
    frames = [evaluate(model, slices, np.arange(20), batch_size=7).frame for model in (logits, apart, nested)]
    for frame in frames[1:]:
        np.testing.assert_allclose(frame.filter(like="p")[["p0", "p3"]], frames[0][["p0", "p3"]], rtol=1e-4)
