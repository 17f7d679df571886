import numpy as np
import pytest
import soundfile as sf

from genrelib._base.errors import AudioError, GenrelibError
from genrelib.classify.classifier import Classifier
from genrelib.classify.command import answer_in_words
from genrelib.classify.loading import find_songs, load_classifier
from tests.making import noise, run_child
from tools import robustness

RATE = 8000
SLICE = 4000  # half a second
GENRES = ["loud", "quiet"]
CARD = {
    "system": "told by hand", "genres": GENRES, "sample_rate": RATE, "trained_on": "nothing", "seed": 0,
    "accuracy": {"slice": 0.5, "track": 0.75, "slice_ci95": [0.4, 0.6]}, "trust": "none", "versions": {},
}  # fmt: skip


def by_loudness(samples):
    """A stand-in for a model: its answer is known for any sound."""
    loud = np.minimum(np.abs(samples).max(axis=1), 1)
    return np.stack([loud, 1 - loud], axis=1)


@pytest.fixture
def classifier():
    return Classifier("by_loudness", CARD, SLICE, by_loudness)


def write(path, samples, rate=RATE, **options):
    sf.write(path, samples, rate, **options)
    return path


def tone(seconds, level, rate=RATE, hertz=440):
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def test_an_answer_is_the_mean_over_slices_and_the_timeline_has_each(classifier, tmp_path):
    song = write(tmp_path / "song.wav", np.concatenate([tone(1, 0.9), tone(1, 0.1), tone(0.2, 0.5)]), subtype="FLOAT")
    answer = classifier.classify(song, top=1)
    assert list(answer.timeline.columns) == ["start", "end", "loud", "quiet"] and len(answer.timeline) == 4
    np.testing.assert_allclose(answer.timeline["loud"], [0.9, 0.9, 0.1, 0.1], atol=0.01)
    np.testing.assert_allclose(answer.timeline["start"], [0, 0.5, 1, 1.5])
    assert answer.probabilities["loud"] == pytest.approx(0.5, abs=0.01)
    assert len(answer.top) == 1 and answer.seconds == pytest.approx(2.2)


def test_steps_that_overlap_weigh_alike_and_the_timeline_has_a_row_a_hop():
    overlapping = Classifier("by_loudness", {**CARD, "hop_samples": SLICE // 2}, SLICE, by_loudness)
    levels = np.repeat([0.8, 0.4, 0.2, 0.6], SLICE // 2).astype(np.float32)  # a loudness a hop
    answer = overlapping.classify(levels, sample_rate=RATE)
    assert answer.probabilities["loud"] == pytest.approx((0.8 + 0.4 + 0.6) / 3, abs=1e-3)
    np.testing.assert_allclose(answer.timeline["loud"], [0.8, 0.6, 0.5, 0.6], atol=1e-3)
    np.testing.assert_allclose(answer.timeline[["start", "end"]], [[i / 4, (i + 1) / 4] for i in range(4)])
    short = overlapping.classify(levels[: SLICE + 100], sample_rate=RATE).timeline
    np.testing.assert_allclose(short[["start", "end"]], [[0, SLICE / RATE]])
    long = overlapping.classify(np.tile(levels, 25), sample_rate=RATE).timeline  # 50 steps: none overlaps
    assert len(long) == 50 and long["end"].iloc[-1] == 50 * SLICE / RATE


def test_what_is_left_of_a_song_is_heard_in_a_step_that_ends_with_it():
    """From half a second on, the shortest that has a genre"""
    network = Classifier("by_loudness", CARD, 3 * SLICE, by_loudness)  # steps of 1.5 s
    rest = network.classify(np.concatenate([np.zeros(3 * SLICE, np.float32), tone(1.49, 0.9)]), sample_rate=RATE)
    assert rest.probabilities["loud"] == pytest.approx(0.9, abs=0.01)
    overlapping = Classifier("by_loudness", {**CARD, "hop_samples": SLICE * 3 // 2}, 3 * SLICE, by_loudness)
    sound = np.repeat([0.2, 0.2, 0.2, 0.8], SLICE).astype(np.float32)
    for model in (network, overlapping):
        answer = model.classify(sound, sample_rate=RATE)
        assert answer.probabilities["loud"] == pytest.approx(0.5, abs=1e-3)
        np.testing.assert_allclose(answer.timeline[["start", "end"]], [[0, 1.5], [1.5, 2]])
        assert answer.timeline["loud"].iloc[[0, -1]].tolist() == pytest.approx([0.2, 0.8], abs=1e-3)
        less = model.classify(sound[:-1], sample_rate=RATE)
        assert less.probabilities["loud"] == pytest.approx(0.2, abs=1e-3) and less.timeline["end"].iloc[-1] == 1.5


def test_top_is_sorted_and_never_longer_than_the_genres(classifier, tmp_path):
    answer = classifier.classify(write(tmp_path / "song.wav", tone(1, 0.2)), top=5)
    assert [genre for genre, _ in answer.top] == ["quiet", "loud"]
    with pytest.raises(GenrelibError, match="one genre at least; given top=0"):
        classifier.classify(tmp_path / "song.wav", top=0)


@pytest.mark.parametrize("kind, rate", [("wav", 8000), ("flac", 11025), ("mp3", 44100), ("ogg", 48000), ("au", 22050)])
def test_any_format_and_rate(classifier, tmp_path, kind, rate):
    answer = classifier.classify(write(tmp_path / f"song.{kind}", tone(3, 0.5, rate), rate))
    assert answer.seconds == pytest.approx(3, abs=0.1)
    assert answer.timeline["loud"][1:4].between(0.4, 0.6).all()


@pytest.mark.parametrize("whole", [True, False])
def test_a_short_clip_is_repeated_for_a_network_and_stands_as_it_is_for_numbers(tmp_path, whole):
    heard = []
    short = Classifier("x", CARD, 2 * SLICE, lambda steps: (heard.append(steps), by_loudness(steps))[1], whole=whole)
    sound = tone(0.75, 0.8)
    answer = short.classify(write(tmp_path / "short.wav", sound, subtype="FLOAT"))
    expected = np.resize(sound, 2 * SLICE) if whole else sound
    np.testing.assert_allclose(heard[0][0], expected, atol=1e-3)  # 16 bit
    assert answer.top[0][0] == "loud" and ("repeated" in " ".join(answer.notes)) == whole
    assert "0:00 to 0:00.8 loud" in answer_in_words(answer)
    nearly = short.classify(tone(0.995, 0.8), sample_rate=RATE)  # within 1%, as in slices
    assert not any("repeated" in note for note in nearly.notes)


def test_half_a_second_is_the_least_that_has_a_genre(classifier):
    with pytest.raises(AudioError, match="3999 samples at 8000 Hz; a genre takes 0.5 s at least, 4000"):
        classifier.classify(np.ones(RATE // 2 - 1), sample_rate=RATE)


def test_path_bytes_and_array_get_one_answer(classifier, tmp_path):
    sound = tone(2, 0.7)
    path = write(tmp_path / "song.wav", sound, subtype="FLOAT")
    answers = [classifier.classify(path), classifier.classify(path.read_bytes())]
    answers.append(classifier.classify(sound, sample_rate=RATE))
    for answer in answers[1:]:
        np.testing.assert_allclose(
            list(answer.probabilities.values()), list(answers[0].probabilities.values()), atol=1e-4
        )
    with pytest.raises(AudioError, match="sample_rate"):
        classifier.classify(sound)
    with pytest.raises(AudioError, match="^song: the file is empty"):
        classifier.classify(b"")


@pytest.mark.parametrize("rate", [RATE, 2 * RATE])
def test_an_array_is_not_rounded_and_is_held_to_the_rules_of_files(classifier, rate):
    def ask(samples, rate=rate):
        return classifier.classify(samples, sample_rate=rate)

    assert ask(tone(1, 1e-6, rate)).probabilities["loud"] == pytest.approx(1e-6, rel=0.01)
    over = ask(tone(1, 1.3, rate))
    assert over.probabilities["loud"] == pytest.approx(1, abs=0.01) and "1.30" in over.notes[0]
    with pytest.raises(AudioError, match="reach 5.*divide"):
        ask(tone(1, 5, rate, hertz=rate / 4))
    with pytest.raises(AudioError, match="finite"):
        ask(np.full(rate, np.nan))
    for wrong in (1, -1, float("nan")):
        with pytest.raises(AudioError, match="1000 samples a second"):
            ask(tone(1, 0.5), wrong)
    for samples in (np.ones(rate, np.int32), np.ones((rate, 2)), np.zeros(0)):
        with pytest.raises(AudioError, match="average channels.*divide"):
            ask(samples)


def test_a_near_tie_and_what_is_unlike_anything_learned_are_told(tmp_path):
    torn = Classifier("x", CARD, SLICE, lambda steps: np.full((len(steps), 2), 0.5), strange=lambda numbers: True)
    notes = " ".join(torn.classify(tone(1, 0.5), sample_rate=RATE).notes)
    assert "between loud and quiet" in notes and "unlike anything" in notes


def test_the_answer_to_what_is_unlike_anything_learned_is_halfway_to_guessing():
    for strange, loud in ((False, 0.9), (True, 0.7)):
        model = Classifier("x", CARD, SLICE, by_loudness, strange=lambda numbers, told=strange: told)
        assert model.classify(tone(1, 0.9), sample_rate=RATE).probabilities["loud"] == pytest.approx(loud, abs=0.01)


@pytest.mark.parametrize("highest, told", [(1000, True), (2000, True), (3900, False)])
def test_sound_that_was_filtered_is_told_with_the_frequency_that_it_reaches(highest, told):
    model = Classifier("x", CARD, SLICE, by_loudness, strange=lambda numbers: False)
    spectrum = np.fft.rfft(noise(2, sample_rate=RATE).astype(np.float64) / 32768)
    spectrum[2 * highest :] = 0  # 2 s: a bin each half of a hertz
    notes = " ".join(model.classify(np.fft.irfft(spectrum), sample_rate=RATE).notes)
    assert (f"nothing above {highest / 1000:.1f} kHz of the 4 kHz" in notes) == told


def test_with_a_level_on_its_card_volume_decides_nothing():
    level = Classifier("x", {**CARD, "level": 0.2}, SLICE, by_loudness)
    answers = [level.classify(tone(2, loud), sample_rate=RATE).probabilities["loud"] for loud in (0.05, 0.8)]
    assert answers[0] == pytest.approx(answers[1], abs=0.01) == pytest.approx(0.2 * 2**0.5, abs=0.02)


def test_silent_slices_have_no_vote(classifier, tmp_path):
    song = write(tmp_path / "half.wav", np.concatenate([tone(1, 0.9), np.zeros(RATE, np.float32)]))
    answer = classifier.classify(song)
    assert answer.probabilities["loud"] == pytest.approx(0.9, abs=0.01)
    assert answer.timeline["loud"].isna().tolist() == [False, False, True, True]
    assert answer.notes == ["2 of 4 steps are silent and have no vote"]
    assert [row["probabilities"] is None for row in answer.to_dict()["timeline"]] == [False, False, True, True]
    assert "0:01 to 0:02 silence" in answer_in_words(answer)


def test_steps_60_db_below_the_loudest_are_silent_and_count_for_nothing_whatever_the_level():
    rng, heard = np.random.default_rng(0), []
    levelled = Classifier("x", {**CARD, "level": 0.2}, SLICE, by_loudness, strange=heard.append)
    dither = rng.integers(-1, 2, 3 * RATE) / np.float32(32768)
    for volume in (1, 0.1):
        song = volume * np.concatenate([tone(1, 0.5), dither, np.zeros(RATE)])
        answer = levelled.classify(song, sample_rate=RATE)
        assert answer.probabilities["loud"] == pytest.approx(0.2 * 2**0.5, abs=0.01) and len(heard[-1]) == 2
        assert "8 of 10 steps are silent and have no vote" in answer.notes
    faint = np.concatenate([tone(1, 0.5), tone(1, 0.5 * 10 ** (-59 / 20))])
    assert not levelled.classify(faint, sample_rate=RATE).timeline["loud"].isna().any()


def test_what_resampling_leaves_in_zeros_before_a_sudden_start_has_no_vote(classifier):
    start = np.concatenate([np.zeros(2 * RATE), 0.5 * np.cos(0.3 * np.arange(2 * RATE))])
    assert "2 of 4 steps are silent and have no vote" in classifier.classify(start, sample_rate=2 * RATE).notes


def test_what_is_no_sound_is_refused(classifier, tmp_path):
    (tmp_path / "page.mp3").write_text("<html>not found</html>")
    write(tmp_path / "silence.wav", np.zeros(RATE))
    write(tmp_path / "nan.wav", np.full(RATE, np.nan), subtype="FLOAT")
    whole = write(tmp_path / "cut.wav", tone(2, 0.5)).read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: len(whole) // 2])
    rules = {"page.mp3": "not audio", "silence.wav": "silence.wav", "nan.wav": "finite", "cut.wav": "cut.wav"}
    rules["none.wav"] = "no such"
    for name, rule in rules.items():
        with pytest.raises(AudioError, match=rule):
            classifier.classify(tmp_path / name)


def test_every_answer_names_the_model_and_its_accuracy(classifier, tmp_path):
    answer = classifier.classify(write(tmp_path / "song.wav", tone(1, 0.2)))
    for told in (answer.trust, answer.to_dict()["trust"]):
        assert "by_loudness" in told and "50% of slices (95% interval 40 to 60%)" in told and "75% of songs" in told
    assert "by_loudness" in answer_in_words(answer)


def test_folders_stand_for_the_songs_below_them(tmp_path):
    for name in ("b/two.mp3", "b/.hidden.mp3", "b/notes.txt", "one.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    songs, passed_over = find_songs([tmp_path, tmp_path / "one.wav"])
    assert songs == [tmp_path / "b" / "two.mp3", tmp_path / "one.wav"]
    assert {path.name for files in passed_over.values() for path in files} == {".hidden.mp3", "notes.txt"}
    with pytest.raises(AudioError, match="empty name"):
        find_songs([""])
    (tmp_path / "empty").mkdir()
    with pytest.raises(AudioError, match="no audio in this folder"):
        find_songs([tmp_path / "empty"])


def test_the_embedded_classifier_needs_no_tensorflow_and_volume_decides_nothing(tmp_path):
    song = write(tmp_path / "song.wav", np.stack([tone(4, 0.1, 22050) + 0.1 * noise(4) / 9000] * 2, axis=1), 22050)
    code = (
        "import genrelib as gl\n"
        "answer = gl.load_classifier('embedded').classify(sys.argv[1])\n"
        "print(answer.top[0][0], sum(answer.probabilities.values()), 'tensorflow' in sys.modules)"
    )
    genre, total, loaded = run_child(code, song).communicate(timeout=120)[0].split()
    embedded = load_classifier("embedded")
    assert loaded == "False" and genre in embedded.card["genres"] and float(total) == pytest.approx(1)
    loud, rate = soundfile_of(song)
    answers = [embedded.classify(sound, sample_rate=rate).probabilities for sound in (loud, loud / 4)]
    np.testing.assert_allclose(list(answers[0].values()), list(answers[1].values()), atol=0.01)


def test_speech_noise_tones_and_near_silence_are_told_as_unlike_anything_learned_and_no_tone_is_sure():
    sounds = robustness.no_music(np.random.default_rng(0))
    says = robustness.told(load_classifier("embedded"), sounds)
    assert len(sounds) >= 20 and np.mean([answer["told"] for answer in says.values()]) >= 0.9
    assert all(answer["told"] for name, answer in says.items() if "syllables" in name)
    assert max(answer["sure"] for answer in says.values()) < 0.96


def soundfile_of(path):
    samples, rate = sf.read(path, dtype="float32")
    return samples.mean(axis=1), rate
