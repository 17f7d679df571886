"""Read any file of sound as mono samples at one rate, heard whole, and refuse what is not usable audio.

int16 is the working format: GTZAN is distributed in it, it is half the size of float32 on disk and on its way to a
GPU, and a 22,050 Hz mono WAV needs no arithmetic at all on its way through.
"""

from __future__ import annotations

import io
import itertools
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile as sf

from genrelib._base.errors import AudioError
from genrelib.audio import _decoding
from genrelib.audio._decoding import HEAD_BYTES, printable, shown

SAMPLE_RATE = 22050  # GTZAN's own rate, and librosa's default
INT16_SCALE = 32768  # one step of int16, as soundfile scales it
OVERSHOOT, FAR_BEYOND = 1.1, 4.0  # peaks (full scale is 1): from here clipping is told; from there it is another scale
CANCELLED = 1e-4  # power of the channels' mean over theirs, -40 dB: stereo with one channel inverted
_SUFFIXES = """.3gp .aac .ac3 .aif .aifc .aiff .alac .amr .ape .au .caf .dsf .eac3 .flac .flv .m4a .m4b .mka .mkv .mov
.mp1 .mp2 .mp3 .mp4 .mpc .oga .ogg .opus .rf64 .snd .spx .tta .w64 .wav .wave .webm .wma .wv"""
SUFFIXES = frozenset(_SUFFIXES.split())
STARTS = re.compile(  # of the containers in which sound comes; the last is an mp3's first frame, with zeros before it
    rb"(RIFF|RIFX|RF64|BW64)....(WAVE|AVI )|riff\x2e\x91\xcf\x11|FORM....AIF[FC]|\.snd|dns\.|fLaC|OggS|caff\0\x01|"
    rb"ID3[\x02-\x04]|APETAGEX|....(ftyp|moov|mdat|wide|free|skip)|\x1a\x45\xdf\xa3|\x30\x26\xb2\x75\x8e\x66\xcf\x11|"
    rb"#!AMR|MAC |wvpk|TTA1|MPCK|MP\+|DSD |FLV\x01|\x0b\x77|\xff[\xf0\xf1\xf8\xf9]|"
    rb"\0*\xff[\xe2-\xe5\xf2-\xf5\xfa-\xfd][\x10-\xeb]",
    re.DOTALL,
)


def read_audio(path: str | Path, *, sample_rate: int = SAMPLE_RATE, notes: list[str] | None = None) -> np.ndarray:
    """Read a file as mono float32 at ``sample_rate``.

    Parameters
    ----------
    path : str or Path
        WAV, FLAC, AIFF, AU, mp3, m4a, aac, ogg, opus, webm, wma, mp4, caf, …: its content counts, not its name.
    sample_rate : int > 0 [Hz]
        The rate of the result; resampled with soxr (HQ) when the file's own differs.
    notes : list of str, optional
        Takes what a listener should know of a file that is heard, but not as it is: sizes in its header that are
        wrong, clipped peaks, channels that cancel. Told as warnings unless given.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=float32]
        Samples in [-1, 1]; channels are averaged, or the first loud one is taken where they cancel.

    Raises
    ------
    AudioError
        Missing, not audio, truncated, of zero length, silent throughout, at another scale than -1 to 1, or not finite.

    Examples
    --------
    >>> import genrelib as gl
    >>> read_audio(gl.load_collection("demo").tracks["path"].iloc[0]).shape  # 9 s
    (198450,)
    """
    return read_int16(path, sample_rate=sample_rate, notes=notes).astype(np.float32) / INT16_SCALE


def read_int16(path: str | Path, *, sample_rate: int = SAMPLE_RATE, notes: list[str] | None = None) -> np.ndarray:
    """Read a file as mono int16 at ``sample_rate``; see `read_audio`.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=int16]
    """
    blocks = list(read_blocks(path, sample_rate=sample_rate, notes=notes))
    samples = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    if not samples.any():
        reason = f"a track holds sound; all {len(samples)} samples are zero"
        raise AudioError(f"{shown(path)}: {reason}; replace or remove it")
    return samples


def read_blocks(
    path: str | Path, *, sample_rate: int = SAMPLE_RATE, notes: list[str] | None = None
) -> Iterator[np.ndarray]:
    """Read a file a minute at a time, so that an hour takes the memory of a minute; see `read_audio`.

    Yields
    ------
    np.ndarray [shape=(n,), dtype=int16]
        What `read_int16` gives, in pieces; silence is no error here.
    """

    def tell(note):
        if notes is None:
            warnings.warn(f"{shown(path)}: {note}", stacklevel=4)
        else:
            notes.append(note)

    path = Path(path)
    decoded = _decoding.blocks(path, tell)
    for rate, group in itertools.groupby(decoded, key=lambda pair: pair[1]):
        mono = _mono((block for block, _ in group), shown(path), tell)
        for block in mono if rate == sample_rate else _resampled(mono, rate, sample_rate):
            yield block if block.dtype == np.int16 else _to_int16(block)


def read_array(samples: np.ndarray, rate: float, *, sample_rate: int, notes: list[str]) -> np.ndarray:
    """Hold mono samples [shape=(n,), int16 or float in -1..1] to the rules of files; see `read_audio`.

    Returns
    -------
    np.ndarray [shape=(m,), dtype=float32]
        At ``sample_rate``, and not rounded to 16 bit.
    """
    name = "samples"
    _decoding.refuse_rate(name, rate, "give the rate that they were taken at")
    mono = _mono(iter([samples[:, None] if samples.dtype == np.int16 else samples[:, None].astype(np.float32)]), name,
                 notes.append)  # fmt: skip
    blocks = list(mono if rate == sample_rate else _resampled(mono, rate, sample_rate))
    return np.clip(as_float(np.concatenate(blocks)), -1, 1)


def as_float(samples: np.ndarray) -> np.ndarray:
    """Give int16 as float32 in -1..1; float32 stays."""
    return samples if samples.dtype == np.float32 else samples.astype(np.float32) / INT16_SCALE


def duration_seconds(path: str | Path) -> float:
    """Give the length of a file in seconds, by the sound that is there: packets are counted, nothing is decoded.

    Raises
    ------
    AudioError
        Missing, not audio, truncated, or of zero length.

    Examples
    --------
    >>> import genrelib as gl
    >>> duration_seconds(gl.load_collection("demo").tracks["path"].iloc[0])
    9.0
    """
    return _decoding.seconds_of(Path(path))


def begins_like_audio(head: bytes) -> bool:
    """Tell from a file's first `HEAD_BYTES` whether it may be sound, whatever it is called.

    Examples
    --------
    >>> begins_like_audio(b"fLaC\\0\\0\\0\\x22"), begins_like_audio(b"genre,file")
    (True, False)
    """
    return STARTS.match(head) is not None


def write_wav(path: str | Path, samples: np.ndarray, *, sample_rate: int = SAMPLE_RATE) -> None:
    """Write mono samples [shape=(n,), int16 or float in -1..1] as a 16-bit WAV."""
    wav = io.BytesIO()  # libsndfile would tell of a full disk in its own words
    sf.write(wav, samples, sample_rate, format="WAV", subtype="PCM_16")
    Path(path).write_bytes(wav.getvalue())


def trim_or_pad(samples: np.ndarray, seconds: float, sample_rate: int = SAMPLE_RATE) -> np.ndarray:
    """Copy the first ``seconds`` of a recording, silence behind it where it is shorter, as in the Toronto report.

    Less than one sample is an AudioError.
    """
    n_samples = round(seconds * sample_rate) if np.isfinite(seconds) else 0
    if n_samples < 1:
        raise AudioError(f"a version holds at least one sample; given seconds={seconds}, sample_rate={sample_rate}")
    held = samples[:n_samples]
    return np.concatenate([held, np.zeros(n_samples - len(held), dtype=samples.dtype)])


def _mono(blocks, name, tell):
    """Average channels, or take one where they cancel; float32 in -1..1, but int16 where one channel is that."""
    channel, highest = None, 0.0
    for block in blocks:
        if block.dtype == np.int16 and block.shape[1] == 1:
            yield block[:, 0]
            continue
        block = as_float(block)
        n_channels = block.shape[1]
        mono = block[:, 0] * np.float32(1 / n_channels)  # channel by channel: mean(axis=1) was half of an mp3's time
        for other in range(1, n_channels):
            mono += block[:, other] * np.float32(1 / n_channels)
        if not np.isfinite(mono).all():
            raise AudioError(f"{name}: samples are finite numbers; there is NaN or infinity in these; get another copy")
        flat = block.ravel("K")
        if n_channels > 1 and np.vdot(mono, mono) < CANCELLED * np.vdot(flat, flat) / n_channels:
            if channel is None:
                channel = int(np.argmax(np.abs(block).max(axis=0)))
                tell(f"its channels cancel each other: channel {channel + 1} of {n_channels} is heard alone")
            mono = np.ascontiguousarray(block[:, channel])
        peak = max(float(mono.max()), -float(mono.min()))
        if peak > FAR_BEYOND:
            raise AudioError(
                f"{name}: samples lie between -1 and 1; these reach {peak:g}: another scale; divide them by that, such "
                f"as a file's by `ffmpeg -i … -af volume={1 / peak:.3g} …`"
            )
        highest = max(highest, peak)
        yield mono
    if highest > OVERSHOOT:
        tell(f"its peaks reach {highest:.2f} where full scale is 1: they are clipped")


def _resampled(blocks, rate, sample_rate):
    import soxr

    block, behind = as_float(next(blocks)), next(blocks, None)
    if behind is None:
        yield soxr.resample(block, rate, sample_rate, quality="HQ")
        return
    stream = soxr.ResampleStream(rate, sample_rate, 1, dtype="float32", quality="HQ")
    while block is not None:
        yield stream.resample_chunk(block, last=behind is None)
        block, behind = None if behind is None else as_float(behind), next(blocks, None)


def _to_int16(samples):
    samples *= INT16_SCALE  # in place: the array is our own, and a track is megabytes
    return np.clip(np.rint(samples, out=samples), -INT16_SCALE, INT16_SCALE - 1, out=samples).astype(np.int16)
