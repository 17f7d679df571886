"""Figures rebuilt from outside: they agree with what was recorded, and a tampered one is found."""

import ast
import importlib
import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrelib._base.paths import RESULTS, table_path
from genrelib.evaluation.measured import Figures, Measured
from genrelib.evaluation.scores import score_predictions
from genrelib.reports.stanford import happy
from genrelib.results.recording import record
from genrelib.splits import Fold
from genrelib.training.runs import Run, Runs
from tests.making import ROOT

GENRES = ["blues", "classical", "metal"]
INDEX = pd.read_csv(table_path("gtzan/index.csv"), index_col="track_id")
CURVES = pd.DataFrame({"epoch": [1, 2, 3], "loss": [2.0, 1.5, 1.2], "val_loss": [2.0, 1.4, 1.6]})
SYSTEM = "mel_cnn1d"


def run_of(folder, unit, seed, tracks, skill):
    rng = np.random.default_rng(seed)
    ids = np.repeat(tracks, 2)
    true = np.repeat([GENRES.index(genre) for genre in INDEX.loc[tracks, "genre"]], 2)
    p = rng.dirichlet(np.ones(3), len(true)) + skill * np.eye(3)[true]
    p = (p / p.sum(axis=1, keepdims=True)).astype(np.float32)
    frame = pd.DataFrame({"track_id": ids, "slice": 1000 * seed + np.arange(len(true)), "true": true})
    frame = frame.assign(**{f"p{i}": p[:, i] for i in range(3)}, seed=seed, protocol=unit)
    none = np.array([], dtype=int)
    fold = Fold(unit, seed, none, none, frame["slice"].to_numpy())
    history = SimpleNamespace(epochs_run=3, seconds=1.0, curves=CURVES, best_epoch=2)
    return Run(SYSTEM, unit, seed, fold, score_predictions(frame, GENRES, n_resamples=0), history, folder)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results") / "gtzan_160"
    known = INDEX[INDEX["genre"].isin(GENRES) & INDEX["gtzan_160_fold"].notna()]
    collection = SimpleNamespace(name="gtzan_160", is_demo=False, groups={"artist": INDEX["artist_id"]}.get)

    def runs_of(skill):
        folds = [known.index[known["gtzan_160_fold"] == fold] for fold in range(3)]
        by_unit = {
            "slice": [run_of(folder, "slice", seed, known.index[seed::2], skill) for seed in range(2)],
            "artist": [run_of(folder, "artist", seed, fold, skill / 2) for seed, fold in enumerate(folds)],
        }
        return Runs(SYSTEM, collection, folder, GENRES, "slice", by_unit)

    runs = runs_of(0.5)
    record("idc-mel-cnn1d", runs, save_model=False)
    record("idc-best-genre", runs, save_model=False)
    record("idc-fifteen-epochs", runs.values(lambda run: run.history.best_epoch, "best_epoch"))
    record("idc-mel-above-raw", runs.difference(replace(runs_of(0.1), system="raw_cnn1d")))
    record("toronto-mlp-new-f1", replace(runs, system="feature_mlp", main="artist"), save_model=False)
    by_track = [replace(run, unit="track", fold=replace(run.fold, unit="track")) for run in runs["slice"]]
    crnn = replace(runs, system="crnn", main="track", runs={"track": by_track})
    points = pd.DataFrame({"x": [0.0, 9, 5, 5, 9, 9.5], "y": [0.0, 8, 5, 5.5, 9, 9], "true": [0, 0, 1, 1, 6, 6]})
    record("turin-rock-noisiest", crnn.values(lambda run: "blues", "noisiest_genre_in_tsne", lambda run: points))
    session, shares = SimpleNamespace(collection=collection, folder=folder), happy.mood_shares(happy.valences())
    record("stanford-quarter-happy", happy.measured(session, shares))
    timed = {"none": Figures([0.03, 0.05], folds=[])}
    record("blog-seconds-per-file", Measured("window_mel", collection, folder, "seconds_per_track", "none", timed))
    return folder


@pytest.fixture
def recomputed(monkeypatch, capsys):
    """Check a folder of results; give the exit code and what is told."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    main = importlib.import_module("recompute").main
    return lambda folder: (main([folder]), capsys.readouterr().out)


def test_every_figure_is_rebuilt_from_the_files_beside_it(results, recomputed):
    code, told = recomputed(results)
    assert code == 0 and "8 records rebuilt" in told and "BEYOND" not in told
    assert "follows from no file" not in told


def test_the_committed_figures_of_the_public_table_are_rebuilt(recomputed):
    code, told = recomputed(RESULTS / "gtzan_features_30s")
    assert code == 0 and "9 records rebuilt" in told and "BEYOND" not in told


@pytest.mark.parametrize(("claim", "change"), [
    ("idc-mel-cnn1d", lambda part: part["values"].__setitem__(0, part["values"][0] + 0.001)),
    ("idc-mel-cnn1d", lambda part: part.update(mean=part["mean"] + 0.001)),
    ("idc-mel-cnn1d", lambda part: part["other_protocols"]["artist"]["ci95"].__setitem__(0, 0.1)),
    ("idc-best-genre", lambda part: part["values"].__setitem__(0, "jazz")),
    ("idc-fifteen-epochs", lambda part: part["values"].__setitem__(0, 3)),
    ("toronto-mlp-new-f1", lambda part: part["ci95"].__setitem__(0, part["ci95"][0] - 0.02)),
    ("turin-rock-noisiest", lambda part: part["values"].__setitem__(0, "metal")),
    ("idc-mel-above-raw", lambda part: part["ci95"].__setitem__(1, part["ci95"][1] + 0.02)),
    ("stanford-quarter-happy", lambda part: part.update(values=[0.26], mean=0.26)),
    ("stanford-quarter-happy", lambda part: part["ci95"].__setitem__(0, part["ci95"][0] - 0.02)),
    ("blog-seconds-per-file", lambda part: part.update(mean=part["mean"] + 0.001)),
])  # fmt: skip
def test_a_tampered_figure_is_found(results, recomputed, claim, change):
    path = results / "results" / f"{claim}.json"
    kept = path.read_text(encoding="utf-8")
    content = json.loads(kept)
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    try:
        code, told = recomputed(results)
    finally:
        path.write_text(kept, encoding="utf-8")
    assert code == 1 and f"BEYOND: gtzan_160 {claim} by" in told


def test_where_nothing_is_committed_it_says_so(tmp_path, recomputed):
    code, told = recomputed(tmp_path)
    assert code == 0 and "0 figures of 0 records" in told


def test_it_takes_nothing_of_genrelib():
    parts = ("recompute", "recompute_heads", "recompute_table")
    texts = [(ROOT / f"tools/{name}.py").read_text(encoding="utf-8") for name in parts]
    tree = ast.parse("\n".join(texts))
    names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    own = {"numpy", "pandas", "sklearn", *parts}
    assert {name.split(".")[0] for name in names} <= own | set(sys.stdlib_module_names)
