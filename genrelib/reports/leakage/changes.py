"""Changes of a sound that leave its genre as it is: level, band, codec, tempo."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from genrelib.audio import read_audio


def louder(sound: np.ndarray, sample_rate: int, decibels: float) -> np.ndarray:
    """Change the level; nothing is clipped, for sound stays float."""
    return (sound * 10 ** (decibels / 20)).astype(np.float32)


def low_pass(sound: np.ndarray, sample_rate: int, hertz: float) -> np.ndarray:
    """Take away what lies above ``hertz``, by an eighth-order Butterworth filter forwards and backwards."""
    from scipy.signal import butter, sosfiltfilt

    return sosfiltfilt(butter(8, hertz, fs=sample_rate, output="sos"), sound).astype(np.float32)


def mp3(sound: np.ndarray, sample_rate: int) -> np.ndarray:
    """Encode at a constant 64 kb/s and decode, at 22,050 Hz mono."""
    import soundfile as sf

    constant = {"bitrate_mode": "CONSTANT", "compression_level": 0.6}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "song.mp3"
        with sf.SoundFile(path, "w", sample_rate, 1, format="MP3", **constant) as file:
            file.write(sound)
        return read_audio(path, sample_rate=sample_rate, notes=[])


def faster(sound: np.ndarray, sample_rate: int, times: float) -> np.ndarray:
    """Change the tempo and keep the pitch, by librosa's phase vocoder."""
    import librosa

    return librosa.effects.time_stretch(sound, rate=times)


# name → function of a sound, float32 in -1..1, and its rate
CHANGES: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "6 dB louder": partial(louder, decibels=6),
    "6 dB quieter": partial(louder, decibels=-6),
    "12 dB quieter": partial(louder, decibels=-12),
    "nothing above 5 kHz": partial(low_pass, hertz=5000),
    "mp3 at 64 kb/s": mp3,
    "6% faster": partial(faster, times=1.06),
    "6% slower": partial(faster, times=0.94),
}
