"""The thirty features of 2002 together, and their table: names, level, rate, bad input, speed, cache."""

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from genrelib._base.errors import AudioError
from genrelib.datasets.folder import load_folder
from genrelib.features import tzanetakis
from genrelib.features.tzanetakis import NAMES, pitch, thirty_features, timbre, tzanetakis_table
from genrelib.features.tzanetakis_signal import beat_histogram, pitch_histograms
from tests.features.sounds import RATE, SHORTEST, chord, clicks, hiss, note, sine
from tests.making import assert_alike

# The names


def test_thirty_names_in_three_groups():
    features = thirty_features(clicks(100) + 0.1 * note(60, 12.0), RATE)
    assert list(features) == NAMES
    assert len(set(NAMES)) == 30
    groups = [tzanetakis.TIMBRE_NAMES, tzanetakis.RHYTHM_NAMES, tzanetakis.PITCH_NAMES]
    assert [len(group) for group in groups] == [19, 6, 5]
    assert all(type(value) is float for value in features.values())


# Level, rate, and what lies beside the sound


@pytest.mark.parametrize("factor", [1 / 4096, 0.3, 32768])
def test_no_feature_depends_on_the_level(factor):
    track = clicks(110) + 0.2 * chord(57, 60, 64).repeat(3) + 0.01 * hiss(12.0)
    found, wanted = thirty_features(factor * track, RATE), thirty_features(track, RATE)
    assert found == pytest.approx(wanted, rel=1e-3, abs=1e-5)


def test_another_rate_is_resampled():
    track = clicks(120, rate=44100) + np.tile(0.2 * note(69, rate=44100), 3)
    features = thirty_features(track, 44100)
    assert features["P1"] == 120
    assert features["UP0"] == 69
    assert features["low_energy"] == pytest.approx(thirty_features(track[::2], RATE)["low_energy"], abs=0.05)


def test_silence_around_a_tone_adds_no_beat_and_no_pitch():
    tone = note(69, 4.0)
    alone = pitch(*pitch_histograms(tone, RATE))
    padded = pitch(*pitch_histograms(np.concatenate([np.zeros(4 * RATE), tone, np.zeros(4 * RATE)]), RATE))
    assert padded["UP0"] == 69
    assert padded["pitch_SUM"] == pytest.approx(alone["pitch_SUM"] / 3, rel=0.05)


# Bad input


@pytest.mark.parametrize("call", [timbre, beat_histogram, pitch_histograms, thirty_features])
def test_silence_is_refused(call):
    with pytest.raises(AudioError, match="all 88200 samples are zero"):
        call(np.zeros(4 * RATE), RATE)


@pytest.mark.parametrize(
    ("call", "least"),
    [(timbre, 512 * 43), (beat_histogram, SHORTEST), (pitch_histograms, 512), (thirty_features, SHORTEST)],
)
def test_too_short_is_refused_with_the_least_length(call, least):
    sound = sine(440)
    call(sound[:least], RATE)
    with pytest.raises(AudioError, match=rf"needs {least} samples .* given {least - 1} "):
        call(sound[: least - 1], RATE)
    with pytest.raises(AudioError, match=rf"needs {least} samples"):
        call(np.array([]), 44100)


@pytest.mark.parametrize(("samples", "rate", "message"), [
    (np.full(SHORTEST, np.nan), RATE, "NaN"),
    (np.append(hiss(), np.inf), RATE, "NaN or infinity"),
    (hiss().reshape(2, -1), RATE, "one channel"),
    (hiss(), 0, "above 0 Hz"),
])  # fmt: skip
def test_what_is_not_sound_is_refused(samples, rate, message):
    with pytest.raises(AudioError, match=message):
        thirty_features(samples, rate)


def odd_sounds():
    impulse, tail = np.zeros(SHORTEST), np.zeros(SHORTEST + 100)
    impulse[40000], tail[-50:] = 1, 1  # the tail fills no window
    nyquist = np.tile([1.0, -1.0], SHORTEST // 2)
    steps = np.repeat([0.0, 1.0], SHORTEST // 2)
    return [impulse, tail, nyquist, steps, np.ones(SHORTEST), np.full(SHORTEST, 1e-40), sine(0.5), sine(10000)]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("number", range(8))
def test_odd_sound_gives_finite_numbers(number):
    assert np.isfinite(list(thirty_features(odd_sounds()[number], RATE).values())).all()


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(SHORTEST, 2 * SHORTEST),
    share=st.floats(1e-5, 1),
    steps=st.integers(1, 4000),
)
def test_any_sparse_or_coarse_sound_gives_finite_numbers(seed, n, share, steps):
    rng = np.random.default_rng(seed)
    samples = np.where(rng.random(n) < share, np.rint(rng.standard_normal(n) * steps), 0)
    samples[rng.integers(n)] = 1
    features = thirty_features(samples, RATE)
    assert np.isfinite(list(features.values())).all()
    assert 0 <= features["low_energy"] < 1
    assert features["P1"] == 0 or 40 <= features["P1"] <= 200


# The table


@pytest.fixture
def songs(tmp_path):
    """Three tracks of 4 s in two genres."""
    for name, sound in {"rock/a": clicks(120, 4.0), "jazz/b": note(60), "rock/c": hiss()}.items():
        path = tmp_path / "songs" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        sf.write(path, 0.5 * sound / np.abs(sound).max(), RATE, subtype="PCM_16")
    return load_folder(tmp_path / "songs")


def table_of(collection, folder, n_jobs=1):
    return tzanetakis_table(collection, cache=folder, n_jobs=n_jobs, progress=False)


def test_table_has_a_row_a_track(songs, tmp_path):
    table = table_of(songs, tmp_path / "cache")
    assert list(table.columns) == [*NAMES, "label"]
    assert table.index.equals(songs.tracks.index)
    assert table.index.name == "track_id"
    assert table["label"].tolist() == songs.tracks["genre"].tolist()
    for track, row in songs.tracks.iterrows():
        wanted = thirty_features(sf.read(row["path"])[0], RATE)
        assert table.loc[track, NAMES].to_dict() == pytest.approx(wanted, rel=1e-5)


def test_table_is_the_same_in_parallel(songs, tmp_path):
    assert_alike(table_of(songs, tmp_path / "two", n_jobs=2), table_of(songs, tmp_path / "one"))
