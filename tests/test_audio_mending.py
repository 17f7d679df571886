"""Files that are heard though something in them is wrong, with a note that says what; and those that are not."""

import os
import struct

import numpy as np
import pytest
import soundfile as sf

from genrelib._base.errors import AudioError
from genrelib.audio import duration_seconds, read_audio, read_blocks, read_int16, shown
from tests.making import noise

RATE = 22050
SOUND = noise(2.0)
LIST = b"LIST" + struct.pack("<I", 26) + b"INFOISFT\x0e\0\0\0Lavf58.76.100\0"
SIZES = {"wav": (40, "<I"), "au": (8, ">I"), "aiff": (42, ">I")}  # where the size of the sound stands, and how


def with_size(path, size, behind=b""):
    """Write a sound with a wrong size in its header, and more bytes behind it."""
    kind = path.suffix[1:]
    sf.write(path, SOUND, RATE, subtype="PCM_16")
    at, order = SIZES[kind]
    raw = bytearray(path.read_bytes()) + behind
    assert raw[at - 4 : at] in (b"data", b"SSND") or kind == "au"
    raw[at : at + 4] = struct.pack(order, size)
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("kind", SIZES)
@pytest.mark.parametrize("size", [0, 1000, 4 * RATE - 1000, 4 * RATE + 100])
def test_sizes_that_are_wrong_are_mended_with_a_note(kind, size, tmp_path):
    notes, path = [], with_size(tmp_path / f"a.{kind}", size + 8 * (kind == "aiff"))
    np.testing.assert_array_equal(read_int16(path, notes=notes), SOUND)
    assert len(notes) == 1 and f"promises {size} bytes of sound, and {4 * RATE} are there" in notes[0]
    assert duration_seconds(path) == 2.0
    with pytest.warns(UserWarning, match=f"a.{kind}: its header promises"):
        read_audio(path)


@pytest.mark.parametrize("size", [0, 1000, 4 * RATE])
@pytest.mark.parametrize("behind", [LIST, LIST + b"id3 \4\0\0\0abcd", b"bext\4\0\0\0abcd"])
def test_a_chunk_behind_the_sound_is_no_sound(size, behind, tmp_path):
    notes, path = [], with_size(tmp_path / "a.wav", size, behind)
    np.testing.assert_array_equal(read_int16(path, notes=notes), SOUND)
    assert len(notes) == (size < 4 * RATE)


@pytest.mark.parametrize("behind", [b"\0" * 9000, b"TAG" + b"x" * 3000, b"ID3\4" + b"x" * 3000, LIST[:20] * 9])
def test_padding_and_tags_behind_the_sound_are_no_sound(behind, tmp_path):
    notes, path = [], with_size(tmp_path / "a.wav", 4 * RATE, behind)
    np.testing.assert_array_equal(read_int16(path, notes=notes), SOUND)
    assert notes == []


@pytest.mark.parametrize(("subtype", "exact"), [("PCM_U8", 300), ("PCM_24", 1), ("FLOAT", 1), ("ULAW", 600)])
def test_other_kinds_of_numbers_are_mended_too(subtype, exact, tmp_path):
    sf.write(tmp_path / "a.wav", SOUND / 32768, RATE, subtype=subtype)
    raw = bytearray((tmp_path / "a.wav").read_bytes())
    at = raw.index(b"data") + 4
    raw[at : at + 4] = bytes(4)
    (tmp_path / "a.wav").write_bytes(raw)
    samples = read_int16(tmp_path / "a.wav", notes=[])
    assert len(samples) == len(SOUND) and np.abs(samples.astype(int) - SOUND).max() <= exact


@pytest.mark.parametrize("scale", [5, 127, 32767, 2.0**31])
@pytest.mark.parametrize("n_channels", [1, 2])
def test_floats_at_another_scale_are_refused_with_their_peak(scale, n_channels, tmp_path):
    sound = np.tile(np.sin(np.arange(RATE))[:, None], n_channels) * scale
    sf.write(tmp_path / "a.wav", sound, RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match=rf"a.wav: .*reach {np.abs(sound).max():g}".replace("+", r"\+")) as caught:
        read_int16(tmp_path / "a.wav")
    assert "volume=" in str(caught.value)


@pytest.mark.parametrize("rest", [0, 1, 60])
def test_of_channels_that_cancel_one_is_heard_with_a_note(rest, tmp_path):
    left = SOUND.astype(int)
    right = -left + np.random.default_rng(1).integers(-rest, rest + 1, len(left))
    sf.write(tmp_path / "a.wav", np.stack([left, right], axis=1).astype(np.int16), RATE)
    notes = []
    samples = read_int16(tmp_path / "a.wav", notes=notes)
    assert len(notes) == 1 and "channels cancel" in notes[0] and "of 2" in notes[0]
    assert np.abs(np.abs(samples.astype(int)) - np.abs(left)).max() <= rest


def test_channels_that_nearly_cancel_but_hold_something_are_averaged(tmp_path):
    left = SOUND.astype(int)
    stereo = np.stack([left, -left + left // 10], axis=1).astype(np.int16)  # the mean 26 dB below the channels
    sf.write(tmp_path / "a.wav", stereo, RATE)
    notes = []
    assert np.abs(read_int16(tmp_path / "a.wav", notes=notes) - stereo.mean(axis=1)).max() <= 0.51 and notes == []


@pytest.mark.parametrize("kind", ["wav", "ogg"])
def test_blocks_are_the_whole_in_pieces(kind, tmp_path, monkeypatch):
    sf.write(tmp_path / f"a.{kind}", noise(9.5, sample_rate=44100, channels=2), 44100, format=kind.upper())
    for rate in (44100, 22050, 16000):
        whole = read_int16(tmp_path / f"a.{kind}", sample_rate=rate).astype(int)
        with monkeypatch.context() as patch:
            patch.setattr("genrelib.audio._decoding.BLOCK_SECONDS", 2)
            parts = list(read_blocks(tmp_path / f"a.{kind}", sample_rate=rate))
        joined = np.concatenate(parts)
        assert len(parts) > 3 and len(joined) == len(whole) and np.abs(joined - whole).max() <= 1


def test_a_track_of_more_than_five_hours_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("genrelib.audio._decoding.LONGEST_SECONDS", 3600)
    sf.write(tmp_path / "a.flac", np.ones(3601 * 1000, np.int16), 1000)
    with pytest.raises(AudioError, match="a track lasts 1 hours at most"):
        read_int16(tmp_path / "a.flac")


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_names_that_are_not_utf8_are_opened_and_can_be_printed(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 \xff.wav")
    sound = tmp_path / "a.wav"
    sf.write(sound, SOUND, RATE)
    sound.rename(path)
    np.testing.assert_array_equal(read_int16(path), SOUND)
    assert duration_seconds(path) == 2.0 and shown(path).endswith("caf\ufffd \ufffd.wav")
    with open(path, "wb") as file:
        file.write(b"no sound")
    with pytest.raises(AudioError) as caught:
        read_int16(path)
    assert "caf\ufffd" in str(caught.value).encode().decode()
