"""Read any file that soundfile reads as mono samples at one rate, and refuse what is not usable audio.

int16 is the working format: GTZAN is distributed in it, it is half the size of float32 on disk and on its way to a
GPU, and a 22,050 Hz mono WAV needs no arithmetic at all on its way through.
"""

import io
import os
import re
import struct
from pathlib import Path

import numpy as np
import soundfile as sf

from genrelib._base.caching import file_when_whole
from genrelib._base.errors import AudioError

SAMPLE_RATE = 22050  # GTZAN's own rate, and librosa's default
INT16_SCALE = 32768  # one step of int16, as soundfile scales it
UNKNOWN_BYTES = 0x7FFFF000  # and up: what programs that write to a pipe (sox, ffmpeg) give for a length not yet known
LOWEST_RATE, LONGEST_SECONDS = 1000, 24 * 3600  # a damaged header can name 1 Hz, or years: gigabytes once resampled
MOST_CHUNKS = 1000  # before the sound; a file of zeros would be nothing but empty chunks
SUFFIXES = frozenset(
    f".{name}"
    for name in "3gp aac ac3 aif aifc aiff alac amr ape au caf dsf eac3 flac flv m4a m4b mka mkv mov mp1 mp2 mp3 mp4 mpc "
    "oga ogg opus rf64 snd spx tta w64 wav wave webm wma wv".split()
)
HEAD_BYTES = 4096  # from which `begins_like_audio` judges
STARTS = re.compile(  # of the containers in which sound comes; the last is an mp3's first frame, zeros before it or none
    rb"(RIFF|RIFX|RF64|BW64)....(WAVE|AVI )|riff\x2e\x91\xcf\x11|FORM....AIF[FC]|\.snd|dns\.|fLaC|OggS|caff\0\x01|"
    rb"ID3[\x02-\x04]|APETAGEX|....(ftyp|moov|mdat|wide|free|skip)|\x1a\x45\xdf\xa3|\x30\x26\xb2\x75\x8e\x66\xcf\x11|"
    rb"#!AMR|MAC |wvpk|TTA1|MPCK|MP\+|DSD |FLV\x01|\x0b\x77|\xff[\xf0\xf1\xf8\xf9]|"
    rb"\0*\xff[\xe2-\xe5\xf2-\xf5\xfa-\xfd][\x10-\xeb]",
    re.DOTALL,
)


def read_audio(path, *, sample_rate=SAMPLE_RATE, partial=False):
    """Read a file as mono float32 at ``sample_rate``.

    Parameters
    ----------
    path : str or Path
        Any format that soundfile reads: wav, au, mp3, flac, ogg, …
    sample_rate : int > 0 [Hz]
        The rate of the result; resampled with soxr (HQ) when the file's own differs.
    partial : bool
        Take what can be decoded of a truncated file, in place of an error.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=float32]
        Samples in [-1, 1]; channels are averaged.

    Raises
    ------
    AudioError
        Missing, not audio, truncated, of zero length, silent throughout, or not finite.
    """
    return read_int16(path, sample_rate=sample_rate, partial=partial).astype(np.float32) / INT16_SCALE


def read_int16(path, *, sample_rate=SAMPLE_RATE, partial=False):
    """Read a file as mono int16 at ``sample_rate``; see `read_audio`.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=int16]
    """
    path = Path(path)
    with opened(path, partial=partial) as file:
        as_it_is = file.samplerate == sample_rate and file.channels == 1 and file.subtype == "PCM_16"
        try:
            samples = file.read(dtype="int16" if as_it_is else "float32")
        except (sf.LibsndfileError, RuntimeError) as error:
            raise AudioError(f"{path}: the file breaks off while decoding ({error}); get a whole copy") from error
        except MemoryError as error:
            raise AudioError(f"{path}: too long to read at once ({error}); cut it, or get a whole copy") from error
        file_rate, n_promised = file.samplerate, file.frames
    if not partial and len(samples) < 0.99 * n_promised:  # some mp3 headers are a few frames off, which is no loss
        raise AudioError(
            f"{path}: truncated: the header promises {n_promised} samples, the file holds {len(samples)}; "
            "get a whole copy"
        )
    if not as_it_is:
        samples = _to_mono_int16(path, samples, file_rate, sample_rate)
    if not samples.any():
        raise AudioError(f"{path}: a track holds sound; all {len(samples)} samples are zero; replace or remove it")
    return samples


def duration_seconds(path):
    """Give the length of a file in seconds, from its header.

    Raises
    ------
    AudioError
        Missing, not audio, truncated, or of zero length.
    """
    path = Path(path)
    with opened(path) as file:
        return file.frames / file.samplerate


def begins_like_audio(head: bytes) -> bool:
    """Tell from a file's first bytes whether it may be sound, whatever it is called.

    Parameters
    ----------
    head : bytes
        The first `HEAD_BYTES` of it; zeros before an mp3 are passed over.

    Examples
    --------
    >>> begins_like_audio(b"fLaC\\0\\0\\0\\x22"), begins_like_audio(b"genre,file")
    (True, False)
    """
    return STARTS.match(head) is not None


def write_wav(path, samples, *, sample_rate=SAMPLE_RATE):
    """Write mono samples as a 16-bit WAV.

    Parameters
    ----------
    path : str or Path
    samples : np.ndarray [shape=(n,), dtype=int16 or float]
    sample_rate : int > 0 [Hz]
    """
    wav = io.BytesIO()  # libsndfile would tell of a full disk in its own words
    sf.write(wav, samples, sample_rate, format="WAV", subtype="PCM_16")
    Path(path).write_bytes(wav.getvalue())


def trim_or_pad(samples, seconds, sample_rate=SAMPLE_RATE):
    """Give the first ``seconds`` of a recording, silence behind it where it is shorter.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,)]
    seconds : float > 0
        The Toronto report has 30 and 3.
    sample_rate : int > 0 [Hz]

    Returns
    -------
    np.ndarray [shape=(round(seconds * sample_rate),)]
        Of the same dtype; a copy.

    Raises
    ------
    AudioError
        Less than one sample.
    """
    n_samples = round(seconds * sample_rate) if np.isfinite(seconds) else 0
    if n_samples < 1:
        raise AudioError(f"a version holds at least one sample; given seconds={seconds}, sample_rate={sample_rate}")
    held = samples[:n_samples]
    return np.concatenate([held, np.zeros(n_samples - len(held), dtype=samples.dtype)])


def export(path, folder, *, seconds=(30.0, 3.0), sample_rate=SAMPLE_RATE):
    """Write versions of a song of equal length as WAV: the Toronto report's "trim and pad".

    Parameters
    ----------
    path : str or Path
        Any format that soundfile reads, mp3 among them.
    folder : str or Path
        Where the versions go, as ``<name>_30sec.wav`` and ``<name>_3sec.wav``; earlier ones are replaced.
    seconds : sequence of float > 0
        The length of each version. It starts where the song starts, and ends in silence where the song is shorter.
    sample_rate : int > 0 [Hz]

    Returns
    -------
    list of Path
        One a length.

    Raises
    ------
    AudioError
        As `read_audio`, and for a version of less than one sample.
    GenrelibError
        The file cannot be written.
    """
    samples = read_int16(path, sample_rate=sample_rate)
    versions = {Path(folder) / f"{Path(path).stem}_{each:g}sec.wav": each for each in seconds}
    for target, length in versions.items():
        with file_when_whole(target) as temporary:
            write_wav(temporary, trim_or_pad(samples, length, sample_rate), sample_rate=sample_rate)
    return list(versions)


def opened(path, *, partial=False):
    """Open a file of sound once it was checked: there, not empty, a header that a track can have, not truncated.

    Parameters
    ----------
    path : Path
    partial : bool
        Pass over that the file is truncated.

    Returns
    -------
    soundfile.SoundFile
        For a ``with`` block.

    Raises
    ------
    AudioError
    """
    try:
        if not path.is_file():
            raise AudioError(f"{path}: no such file; check the path, or fetch the collection with `make data`")
        if path.stat().st_size == 0:
            raise AudioError(f"{path}: the file is empty (0 bytes); get a whole copy")
        if not partial:
            _refuse_truncated(path)
    except OSError as error:
        raise AudioError(f"{path}: cannot be read ({error.strerror}); check the file's permissions") from error
    try:
        file = sf.SoundFile(path)
    except (sf.LibsndfileError, RuntimeError) as error:
        raise AudioError(f"{path}: not audio that soundfile reads ({error}); get a whole copy or remove it") from error
    fault = _fault_of_header(file)
    if fault:
        file.close()
        raise AudioError(f"{path}: {fault}")
    return file


def _fault_of_header(file):
    """Say in words why a header cannot be that of a track, or give None."""
    if file.format == "RAW":  # libsndfile takes whatever bytes lie in a file named .au for sound, error pages too
        return "not audio: it has no header; get a whole copy or remove it"
    if file.frames == 0:
        return "a track holds sound; this file has a header and 0 samples; get a whole copy"
    if file.samplerate < LOWEST_RATE:
        return f"sound has {LOWEST_RATE} samples a second at least; the header names {file.samplerate}; get a whole one"
    if file.frames > LONGEST_SECONDS * file.samplerate:
        return f"a track lasts a day at most; the header names {file.frames:,} samples, or none at all; write it anew"
    return None


def _refuse_truncated(path):
    """Compare header and file size: libsndfile reads what is there of a cut-off WAV, AU or AIFF without a word."""
    with open(path, "rb") as file:
        start, n_bytes = _promised_sound(file)
        held = os.fstat(file.fileno()).st_size - start
    if held < n_bytes < UNKNOWN_BYTES:
        raise AudioError(
            f"{path}: truncated: the header promises {n_bytes} bytes of sound, the file holds {held}; get a whole copy"
        )


def _promised_sound(file):
    """Give where the sound of a WAV, AU or AIFF starts and its bytes by the header; zeros for any other file."""
    head = file.read(12)
    if head[:4] == b".snd" and len(head) == 12:
        return struct.unpack(">II", head[4:])
    order = {b"RIFF": "<", b"FORM": ">"}.get(head[:4])
    for _ in range(MOST_CHUNKS if order else 0):
        if len(chunk := file.read(8)) < 8:
            break
        name, n_bytes = struct.unpack(f"{order}4sI", chunk)
        if name in (b"data", b"SSND"):
            return file.tell(), n_bytes
        file.seek(n_bytes + n_bytes % 2, os.SEEK_CUR)  # chunks start at even bytes
    return 0, 0


def _to_mono_int16(path, samples, file_rate, sample_rate):
    if samples.ndim == 2:
        # a product: 30 times as fast as mean(axis=1), which was half of an mp3's time
        samples = samples @ np.full(samples.shape[1], 1 / samples.shape[1], dtype=np.float32)
    if not np.isfinite(samples).all():
        raise AudioError(f"{path}: samples are finite numbers; this file holds NaN or infinity; get another copy")
    if file_rate != sample_rate:
        import soxr

        samples = soxr.resample(samples, file_rate, sample_rate, quality="HQ")
    samples *= INT16_SCALE  # in place: the array is our own, and a track is megabytes
    return np.clip(np.rint(samples, out=samples), -INT16_SCALE, INT16_SCALE - 1, out=samples).astype(np.int16)
