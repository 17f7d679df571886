"""The demo shows what it says: each network beats chance, the artist effect has its size, the album effect its sign.

The size is what genrelib.datasets.demo builds in, within EFFECT_BAND; why both are as they are stands there.
"""

import numpy as np
import pytest

from genrelib._base.paths import RUNS
from genrelib.datasets import load_collection
from genrelib.datasets.demo import EFFECT_BAND, artist_ceiling
from genrelib.results.claims import headline_claims
from genrelib.results.records import read_predictions, read_records

RECORDS = read_records(RUNS / "demo") if (RUNS / "demo" / "results").is_dir() else {}
ACCURACIES = [
    claim for claim, record in RECORDS.items() if record["metric"] == "accuracy" and record.get("mean") is not None
]


@pytest.mark.parametrize("claim", ACCURACIES)
def test_each_system_is_above_chance_under_its_reports_split(claim):
    record = RECORDS[claim]
    assert record["mean"] > 1.2 / len(record["scores"][0]["slice"]["recall"])


def test_every_reports_systems_are_among_them():
    systems = {RECORDS[claim]["system"] for claim in ACCURACIES}
    assert systems >= set(headline_claims())


@pytest.mark.parametrize("claim", ["idc-mel-cnn1d", "idc-mel-cnn2d"])
def test_the_artist_effect_is_found_in_the_size_that_is_built_in(claim):
    predictions = read_predictions(RUNS / "demo", claim)
    tested = predictions.loc[predictions["protocol"] == "artist", "track_id"]
    built_in = 1 - artist_ceiling(load_collection("demo").tracks, tested)
    lost = RECORDS[claim]["mean"] - RECORDS[claim]["other_protocols"]["artist"]["mean"]
    assert lost == pytest.approx(built_in, abs=EFFECT_BAND)


@pytest.mark.parametrize("level", ["slice", "track"])
def test_a_song_from_a_known_album_is_easier_than_one_from_a_new_album(level):
    album, song = (np.mean(RECORDS[f"turin-artist20-{split}-{level}"]["values"]) for split in ("album", "song"))
    assert song - album > 0.05
