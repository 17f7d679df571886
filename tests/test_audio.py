"""Reading audio: the right samples from every format, and one clear error for what is not usable."""

import os
import struct
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import soundfile as sf

from genrelib._base.errors import AudioError
from genrelib.audio import SUFFIXES, duration_seconds, read_audio, read_int16, trim_or_pad, write_wav
from tests.making import as_nobody, is_root, noise

RATE = 22050
SOUND = noise(1.0)


def tone(sample_rate, seconds=2.0, pitch=440.0):
    return (0.5 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * sample_rate)) / sample_rate)).astype(np.float32)


def refused(path, words, readers=(read_int16, read_audio, duration_seconds)):
    for reader in readers:
        with pytest.raises(AudioError, match=words) as caught:
            reader(path)
        message = str(caught.value)
        assert str(path) in message and "\n" not in message and ";" in message, (
            "names the file and a remedy in one line"
        )


# The right samples


@pytest.mark.parametrize("name", ["a.wav", "a.au", "a.flac", "a.aiff", "A.WAV"])
def test_int16_passes_through_untouched(tmp_path, name):
    sf.write(tmp_path / name, SOUND, RATE, subtype="PCM_16", format=name.split(".")[1].upper())
    assert read_int16(tmp_path / name).dtype == np.int16
    np.testing.assert_array_equal(read_int16(tmp_path / name), SOUND)
    np.testing.assert_array_equal(read_audio(tmp_path / name), SOUND.astype(np.float32) / 32768)
    assert duration_seconds(tmp_path / name) == 1.0


def test_wav_that_was_written_is_read_back(tmp_path):
    write_wav(tmp_path / "a.wav", SOUND)
    np.testing.assert_array_equal(read_int16(tmp_path / "a.wav"), SOUND)
    write_wav(tmp_path / "b.wav", SOUND / 32768, sample_rate=8000)
    assert duration_seconds(tmp_path / "b.wav") == RATE / 8000
    np.testing.assert_array_equal(read_int16(tmp_path / "b.wav", sample_rate=8000), SOUND)


@pytest.mark.parametrize("channels", [2, 6])
def test_channels_are_averaged(tmp_path, channels):
    samples = noise(1.0, channels=channels)
    sf.write(tmp_path / "a.wav", samples, RATE)
    assert np.abs(read_int16(tmp_path / "a.wav") - samples.mean(axis=1)).max() <= 0.51


@pytest.mark.parametrize("sample_rate", [8000, 11025, 44100, 48000, 96000])
def test_other_rates_are_resampled(tmp_path, sample_rate):
    sf.write(tmp_path / "a.wav", tone(sample_rate), sample_rate)
    samples, wanted = read_audio(tmp_path / "a.wav"), tone(RATE)
    assert abs(len(samples) - len(wanted)) <= 1 and duration_seconds(tmp_path / "a.wav") == 2.0
    middle = slice(RATE // 2, 3 * RATE // 2)  # a resampler rings at both ends
    assert np.abs(samples[middle] - wanted[middle]).max() < 1e-3


def test_floats_beyond_one_are_clipped_not_wrapped(tmp_path):
    sf.write(tmp_path / "a.wav", np.array([0.5, 1.7, -3.0, 1.0, -1.0, -0.25], dtype=np.float32), RATE, subtype="FLOAT")
    notes = []
    assert read_int16(tmp_path / "a.wav", notes=notes).tolist() == [16384, 32767, -32768, 32767, -32768, -8192]
    assert len(notes) == 1 and "3.00" in notes[0]


def test_many_threads_read_what_one_does(tmp_path):
    paths = [tmp_path / f"{seed}.wav" for seed in range(40)]
    for seed, path in enumerate(paths):
        sf.write(path, noise(0.3, seed=seed, channels=2), 44100)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(read_int16, paths))
    for path, samples in zip(paths, together, strict=True):
        np.testing.assert_array_equal(samples, read_int16(path))


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data


def wav_with_long_comments(path):
    """A WAV whose sound comes after 8 kB of comments: more than the log of libsndfile holds."""
    sf.write(path, SOUND, RATE)
    raw = path.read_bytes()
    at = raw.index(b"data")
    raw = (
        raw[:at] + chunk(b"LIST", b"INFO" + b"".join(chunk(b"ICMT", b"c" * 401 + b"\0") for _ in range(20))) + raw[at:]
    )
    path.write_bytes(raw[:4] + struct.pack("<I", len(raw) - 8) + raw[8:])


def test_wav_with_long_comments_is_read(tmp_path):
    wav_with_long_comments(tmp_path / "a.wav")
    np.testing.assert_array_equal(read_int16(tmp_path / "a.wav"), SOUND)


@pytest.mark.parametrize(("name", "at"), [("a.wav", 40), ("a.au", 8)])
def test_length_left_open_by_a_program_that_wrote_to_a_pipe(tmp_path, name, at):
    sf.write(tmp_path / name, SOUND, RATE, subtype="PCM_16")
    raw = bytearray((tmp_path / name).read_bytes())
    raw[at : at + 4] = b"\xff" * 4
    (tmp_path / name).write_bytes(raw)
    np.testing.assert_array_equal(read_int16(tmp_path / name), SOUND)


@pytest.mark.parametrize("n", [1, 22049, 22050, 22051, 50000])
def test_trimmed_or_padded_to_the_length_asked_for(n):
    samples = noise(n / RATE)
    version = trim_or_pad(samples, 1.0)
    assert version.shape == (RATE,) and version.dtype == np.int16 and not np.shares_memory(version, samples)
    np.testing.assert_array_equal(version[:n], samples[:RATE])
    assert not version[n:].any()


@pytest.mark.parametrize("seconds", [0, -3.0, 1e-9, np.nan, np.inf])
def test_a_version_of_less_than_a_sample_is_refused(seconds):
    with pytest.raises(AudioError, match="at least one sample"):
        trim_or_pad(SOUND, seconds)


# Bad input


def test_missing_file_folder_pipe_or_broken_link(tmp_path):
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "link.wav").symlink_to(tmp_path / "gone.wav")
    (tmp_path / "loop.wav").symlink_to(tmp_path / "loop.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    rules = {"absent.wav": "no such file; check the path$", "folder.wav": "a folder", "link.wav": "a link to no file"}
    rules |= {"loop.wav": "a link to no file", "pipe.wav": "no regular file; for a pipe use -"}
    for name, rule in rules.items():
        refused(tmp_path / name, rule)


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_file_that_is_not_audio(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_text("<html>404 Not Found</html>" * 400)
    refused(path, "not audio")
    path.write_bytes(b"")
    refused(path, "0 bytes")


@pytest.mark.parametrize("name", ["a.wav", "a.au", "a.aiff"])
def test_truncated_file(tmp_path, name):
    sf.write(tmp_path / name, SOUND, RATE, subtype="PCM_16")
    raw = (tmp_path / name).read_bytes()
    for n_bytes in (len(raw) - 600, len(raw) // 2, 100):
        (tmp_path / name).write_bytes(raw[:n_bytes])
        refused(tmp_path / name, "truncated: the header promises 44100 bytes of sound, the file holds")
    for n_bytes in (10, 20):
        (tmp_path / name).write_bytes(raw[:n_bytes])
        refused(tmp_path / name, "not audio|truncated")


@pytest.mark.parametrize(
    ("name", "words"), [("a.flac", "breaks off while decoding"), ("a.mp3", "truncated: the header promises")]
)
def test_truncated_compressed_file(tmp_path, name, words):
    sf.write(tmp_path / name, SOUND, RATE)
    raw = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(raw[: len(raw) // 2])
    refused(tmp_path / name, words, readers=(read_int16, read_audio))  # a FLAC's length is its header's till read


def test_zero_length(tmp_path):
    for name in ("a.wav", "a.au"):
        sf.write(tmp_path / name, np.zeros(0, dtype=np.int16), RATE, subtype="PCM_16")
        refused(tmp_path / name, "a header and 0 samples")


@pytest.mark.parametrize("settings", [{}, {"subtype": "FLOAT"}, {"samplerate": 44100}])
def test_silence(tmp_path, settings):
    sf.write(tmp_path / "a.wav", **{"data": np.zeros(5000, dtype=np.float32), "samplerate": RATE, **settings})
    refused(tmp_path / "a.wav", "samples are zero", readers=(read_int16, read_audio))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("sample_rate", [RATE, 44100])
@pytest.mark.parametrize("channels", [1, 2])
def test_samples_that_are_not_finite(tmp_path, value, sample_rate, channels):
    samples = np.full((5000, channels), 0.1, dtype=np.float32)
    samples[1234, 0] = value
    sf.write(tmp_path / "a.wav", samples, sample_rate, subtype="FLOAT")
    refused(tmp_path / "a.wav", "NaN or infinity", readers=(read_int16, read_audio))


READ = """
for path in sys.argv[1:]:
    for reader in (audio.duration_seconds, audio.read_int16):
        try:
            reader(path)
        except GenrelibError as error:
            print(error)
"""


@is_root
def test_file_without_permission(tmp_path):
    shut = tmp_path / "shut"
    shut.mkdir()
    paths = [tmp_path / "a.wav", shut / "b.wav"]
    for path in paths:
        sf.write(path, SOUND, RATE)
    paths[0].chmod(0)
    shut.chmod(0)
    told = as_nobody(tmp_path, READ, *paths)
    shut.chmod(0o700)
    assert len(told) == 4, told
    for path, line in zip([paths[0]] * 2 + [paths[1]] * 2, told, strict=True):
        assert line == f"{path}: cannot be read (Permission denied); check the file's permissions"
