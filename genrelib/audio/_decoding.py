"""Any file's samples, block by block: soundfile for WAV, AIFF, AU and FLAC, PyAV (FFmpeg) for all else.

What a file is, its content says and not its name. FFmpeg opens the containers listed here alone: it would follow a
playlist or a session description to other files and addresses.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile as sf

from genrelib._base.errors import AudioError
from genrelib.audio._sizes import LOST, PLAIN, Part, ends_whole, mended, mp3_samples, stretch_of_sound

HEAD_BYTES = 4096  # from which a file's kind is told
BLOCK_SECONDS, BLOCK_VALUES = 60, 1 << 24  # decoded at once, over all channels
PART = 1 << 15  # samples out of FFmpeg at once: they stay in the processor's cache
LOWEST_RATE, LONGEST_SECONDS = 1000, 5 * 3600  # a damaged header can name 1 Hz, or years: gigabytes once resampled
SOUNDFILE = re.compile(rb"(RIFF|RIFX|RF64|BW64)....WAVE|FORM....AIF[FC]|\.snd|dns\.|fLaC", re.DOTALL)
CONTAINERS = (
    "3gp,aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,eac3,flac,flv,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,ogg,tta,w64,wav,wv,"
    "webm"
)
OPTIONS = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
GUESSED = {"aac", "ac3", "eac3", "amr", "mpeg", "mpegts", "ogg"}  # lengths, from bit rates
EDGES = 0.1  # s that encoders add or leave out at both ends: a frame or two
WHOLE = "get a whole copy"


def shown(path: str | os.PathLike) -> str:
    """Give a path as text that can be printed: bytes that are not UTF-8 are replaced.

    Examples
    --------
    >>> import os
    >>> shown(os.fsdecode(b"caf\\xe9.wav"))
    'caf\\ufffd.wav'
    """
    return os.fsencode(path).decode("utf-8", "replace")


def printable(text: object) -> str:
    """Give text as one line of a terminal: line ends and control characters are replaced.

    Examples
    --------
    >>> printable("new\\nline.wav")
    'new\ufffdline.wav'
    """
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in str(text))


def blocks(path: Path, tell: Callable[[str], None]) -> Iterator[tuple[np.ndarray, int]]:
    """Decode a file: yield samples [n, channels], int16 where the file is 16 bit and else float32 in -1..1; their rate.

    Notes for the listener are told in words.
    """
    name, n_seconds = shown(path), 0.0
    with _file_of(path) as file, _sound_of(name, file, tell) as sound:
        for block, rate in _with_pyav(name, file, tell) if sound is None else _with_soundfile(name, sound):
            n_seconds += len(block) / rate
            if n_seconds > LONGEST_SECONDS:
                raise AudioError(f"{name}: a track lasts {LONGEST_SECONDS // 3600} hours at most; cut it in pieces")
            yield block, rate


def seconds_of(path: Path) -> float:
    """Give the length of what can be decoded of a file [s], and decode nothing."""
    name = shown(path)
    with _file_of(path) as file:
        with _sound_of(name, file, lambda note: None) as sound:
            if sound is not None:
                return sound.frames / sound.samplerate
        with _container(name, file) as (container, stream):
            lengths = [packet.duration or 0 for packet in _packets(name, container, stream)]
            n_units = sum(each - (1 << 32 if each >> 31 else 0) for each in lengths)  # an Ogg's last may be negative
            if n_units <= 0:
                raise AudioError(f"{name}: not audio: a container without sound in it; get a copy that has some")
            seconds, promised = float(n_units * stream.time_base), _promised_seconds(file, container, stream)
            _refuse_short(name, seconds, promised, "s", slack=EDGES)
            return promised if seconds < (1 + LOST) * promised + EDGES else seconds  # packets overlap at their edges


@contextmanager
def _file_of(path):
    """Open a file that is there and not empty."""
    name, path = shown(path), Path(os.path.expanduser(path))
    try:
        if not path.is_file():
            raise AudioError(f"{name}: {_why_no_file(path)}")
        if path.stat().st_size == 0:
            raise AudioError(f"{name}: the file is empty (0 bytes); {WHOLE}")
        file = open(path, "rb", buffering=0)  # noqa: SIM115
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        reason = getattr(error, "strerror", None) or error
        raise AudioError(f"{name}: cannot be read ({reason}); check the file's permissions") from error
    with file:
        yield file


def _why_no_file(path):
    if path.is_dir():
        return "a folder, no file; name a file in it"
    if path.exists():
        return "no regular file; for a pipe use - (standard input), or write it to a file first"
    return "a link to no file; mend or remove it" if path.is_symlink() else "no such file; check the path"


@contextmanager
def _sound_of(name, file, tell):
    """Open a WAV, AIFF, AU or FLAC, its sizes mended; nothing where FFmpeg is to read it."""
    file.seek(0)
    if not SOUNDFILE.match(file.read(HEAD_BYTES)):
        yield None
        return
    try:
        stretch = stretch_of_sound(file)
    except ValueError as error:
        raise AudioError(f"{name}: {error}; {WHOLE}") from error
    file.seek(0)
    try:
        sound = sf.SoundFile(file.fileno(), closefd=False)
        if stretch and sound.subtype in PLAIN:
            sound = mended(file, sound, *stretch[:2])
    except (sf.LibsndfileError, RuntimeError, ValueError):
        sound = None  # FFmpeg knows more codecs
    if stretch:
        tell(stretch[2])
        if sound is not None and sound.subtype not in PLAIN:
            sound = None
    if sound is not None and sound.format == "FLAC" and not 0 < sound.frames < 1 << 40:
        sound = None  # written to a pipe: no length is named
    if sound is None:
        yield None
        return
    with sound:
        if sound.frames == 0:
            raise AudioError(f"{name}: a track holds sound; this file has a header and 0 samples; {WHOLE}")
        refuse_rate(name, sound.samplerate)
        yield sound


def _with_soundfile(name, sound):
    dtype = "int16" if sound.subtype == "PCM_16" else "float32"
    n_block, n_read = _block_length(sound.samplerate, sound.channels), 0
    while True:
        try:
            block = sound.read(n_block, dtype=dtype, always_2d=True)
        except (sf.LibsndfileError, RuntimeError) as error:
            raise AudioError(f"{name}: the file breaks off while decoding ({error}); {WHOLE}") from error
        n_read += len(block)
        if len(block):
            yield block, sound.samplerate
        if len(block) < n_block:
            break
    _refuse_short(name, n_read, sound.frames, "samples")


def _with_pyav(name, file, tell):
    with _container(name, file) as (container, stream):
        block, rate, n, seconds = None, 0, 0, 0.0  # one array is filled: to join many costs their memory once more
        for part, part_rate in _parts(name, container, stream, tell):
            if block is None or part_rate != rate or len(part) != len(block) or n + part.shape[1] > block.shape[1]:
                if n:
                    yield block[:, :n].T, rate
                n_block = max(_block_length(part_rate, len(part)), part.shape[1])
                block, rate, n = np.empty((len(part), n_block), np.float32), part_rate, 0
            block[:, n : n + part.shape[1]] = part
            n, seconds = n + part.shape[1], seconds + part.shape[1] / rate
        if n:
            yield block[:, :n].T, rate
        _refuse_short(name, seconds, _promised_seconds(file, container, stream), "s", slack=EDGES)
        if container.format.name == "ogg" and not ends_whole(file):
            tell("it has no mark at its end: a recording of a stream, or cut off")


def _parts(name, container, stream, tell):
    """Decode packet by packet: ([shape=(channels, n), dtype=float32], rate), some thousand samples at once."""
    import av

    fifo, rate, n_packets, n_bad = None, 0, 0, 0
    for packet in _packets(name, container, stream):
        n_packets += 1
        try:
            frames = packet.decode()
        except av.FFmpegError:
            n_bad += 1
            continue
        for frame in frames:
            frame.pts = None
            try:
                fifo.write(frame)
            except (AttributeError, ValueError):  # the first, or sounds one behind the other in one file
                if fifo is not None and fifo.samples:
                    yield _floats(fifo.read()), rate
                fifo, rate = av.AudioFifo(), frame.sample_rate
                refuse_rate(name, rate)
                fifo.write(frame)
            if fifo.samples >= PART:
                yield _floats(fifo.read()), rate
    if fifo is None:
        raise AudioError(f"{name}: not audio: nothing of its {n_packets} packets can be decoded; {_remedy(name)}")
    if fifo.samples:
        yield _floats(fifo.read()), rate
    if n_bad > LOST * n_packets + 1:
        raise AudioError(f"{name}: damaged: {n_bad} of {n_packets} packets cannot be decoded; {WHOLE}")
    if n_bad:
        tell(f"{n_bad} of its {n_packets} packets cannot be decoded: they are left out")


@contextmanager
def _container(name, file):
    """Open a file with FFmpeg: (container, its first audio stream)."""
    import av

    nameless = Part(file, 0, file.seek(0, os.SEEK_END))  # FFmpeg would believe an ending
    try:
        container = av.open(nameless, options=OPTIONS, metadata_errors="replace")
    except (av.FFmpegError, ValueError, OSError) as error:
        raise AudioError(f"{name}: not audio that can be decoded ({_words(error)}); {_remedy(name)}") from error
    with container:
        if not container.streams.audio:
            raise AudioError(f"{name}: holds no sound ({container.format.long_name}); get a copy that has some")
        stream = container.streams.audio[0]
        if stream.codec_context is None:  # to decode would end the process under PyAV 17
            raise AudioError(f"{name}: FFmpeg has no decoder for its codec; {_remedy(name)}")
        yield container, stream


def _packets(name, container, stream):
    """Give the packets of sound."""
    import av

    try:
        yield from container.demux(stream)
    except av.FFmpegError as error:
        raise AudioError(f"{name}: the file breaks off while decoding ({_words(error)}); {WHOLE}") from error


def _promised_seconds(file, container, stream):
    """Give the length that a header promises; 0 where it promises nothing, and FFmpeg's is a guess."""
    kind = container.format.name
    if kind == "mp3":
        return mp3_samples(file, 1152 if stream.rate >= 32000 else 576) / stream.rate
    if kind in GUESSED:
        return 0.0
    if kind == "caf" and stream.codec_context.name.startswith("pcm"):
        return stream.frames / stream.rate  # its duration is cut to what is there
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / 1e6 if len(container.streams) == 1 else 0.0


def _floats(frame):
    """Give a frame's samples [shape=(channels, n), dtype=float32]."""
    samples = frame.to_ndarray()
    samples = samples if frame.format.is_planar else samples.reshape(-1, frame.layout.nb_channels).T
    if samples.dtype == np.uint8:
        return (samples.astype(np.float32) - 128) / 128
    if samples.dtype.kind == "i":
        return samples.astype(np.float32) / np.float32(-float(np.iinfo(samples.dtype).min))
    return samples.astype(np.float32, copy=False)


def _block_length(rate, n_channels):
    return max(1, min(BLOCK_SECONDS * rate, BLOCK_VALUES // n_channels))


def refuse_rate(name: str, rate: float, remedy: str = "get another copy") -> None:
    """Refuse a rate [Hz] that no sound has."""
    if not rate >= LOWEST_RATE:
        raise AudioError(f"{name}: sound has {LOWEST_RATE} samples a second at least; named are {rate}; {remedy}")


def _refuse_short(name, length, promised, unit, slack=0):
    if length < (1 - LOST) * promised - slack:
        raise AudioError(
            f"{name}: truncated: the header promises {promised:.9g} {unit}, the file holds {length:.9g}; {WHOLE}"
        )


def _remedy(name):
    target = shlex.quote(f"{Path(name).stem}-anew.wav")
    return f"get another copy, or try `ffmpeg -i {shlex.quote(name)} {target}`"


def _words(error):
    return getattr(error, "strerror", None) or str(error)
