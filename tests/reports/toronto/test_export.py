"""Trim and pad: versions of a song that are of equal length, as WAV."""

import numpy as np
import pytest
import soundfile as sf

from genrelib._base.errors import AudioError
from genrelib.audio import read_int16
from genrelib.reports.toronto.new_songs import export
from tests.making import noise

RATE = 22050


@pytest.mark.parametrize("suffix, options", [("wav", {}), ("flac", {}), ("mp3", {"sample_rate": 44100, "channels": 2})])
def test_versions_of_any_song(tmp_path, suffix, options):
    path = tmp_path / f"My song.{suffix}"
    sf.write(path, noise(4.0, **options), options.get("sample_rate", RATE), format=suffix.upper())
    long, short = export(path, tmp_path / "out")
    assert [long.name, short.name] == ["My song_30sec.wav", "My song_3sec.wav"]
    for file in (long, short):
        info = sf.info(file)
        assert (info.format, info.subtype, info.channels, info.samplerate) == ("WAV", "PCM_16", 1, RATE)
    samples = read_int16(path)
    assert len(read_int16(short)) == 3 * RATE and len(read_int16(long)) == 30 * RATE
    np.testing.assert_array_equal(read_int16(short), samples[: 3 * RATE])
    np.testing.assert_array_equal(read_int16(long)[: len(samples)], samples)
    assert not read_int16(long)[len(samples) :].any()
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [long.name, short.name]
    (own,) = export(path, tmp_path, seconds=[0.5])
    assert own.name == "My song_0.5sec.wav" and len(read_int16(own)) == RATE // 2


def test_what_cannot_be_read_leaves_nothing(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"no sound")
    with pytest.raises(AudioError):
        export(tmp_path / "a.wav", tmp_path / "out")
    assert not (tmp_path / "out").exists()
