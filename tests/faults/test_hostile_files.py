"""Files made to break what reads them: each is read, or refused by one clear error; none hangs or ends the process."""

import io
import os
import shutil
import stat
import tarfile
from contextlib import suppress

import numpy as np
import pytest
import soundfile as sf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genrelib._base.errors import DownloadError
from genrelib.datasets._archives import extract
from tests.datasets.packing import tar_bytes, zip_bytes
from tests.datasets.test_archives import tarred, zipped
from tests.faults.helping import CASES, draws
from tests.faults.reading import Reader
from tests.making import noise
from tests.test_audio_formats import encode

HEADER = 200  # bytes at the start in which most changes fall
SEVERAL = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
NUMBERS = [0, 1, 2, 127, 128, 255, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF]
KINDS = {"wav": "PCM_16", "float.wav": "FLOAT", "adpcm.wav": "IMA_ADPCM", "au": "PCM_16", "flac": "PCM_16",
         "mp3": None, "ogg": None, "aiff": "PCM_16", "m4a": "aac", "opus": "libopus", "webm": "libopus",
         "caf": "alac"}  # fmt: skip
CONTAINERS = {"m4a": "ipod", "opus": "ogg", "webm": "webm", "caf": "caf"}
PIECES = ["..", ".", "/", "//", "\\", "a", "b.wav", "g", "C:", "~", " ", "con", "-rf", "$HOME", "a" * 300,
          "\0", "\n", "\x1b", "\u202e", "é", "e\u0301", "\udcff"]  # fmt: skip
TYPES = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE,
         tarfile.GNUTYPE_SPARSE, tarfile.CONTTYPE, b"Z"]  # fmt: skip
FORMATS = [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT]
MODES = [(kind | 0o777) << 16 for kind in (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFBLK, stat.S_IFSOCK)]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["set", "set", "set", "cut", "insert", "drop"]),
        st.one_of(st.integers(0, 60), st.integers(0, HEADER), st.integers(0, 4000)),
        st.sampled_from([1, 2, 4]),
        st.one_of(st.sampled_from(NUMBERS), st.integers(0, 2**32 - 1)),
        st.sampled_from(["little", "big"]),
    ),
    min_size=1,
    max_size=4,
)


def changed(data, changes):
    """Overwrite numbers, cut off, insert and drop bytes."""
    data = bytearray(data)
    for what, at, width, value, order in changes:
        at = min(at, len(data))
        number = (value % (1 << 8 * width)).to_bytes(width, order)
        if what == "cut":
            del data[at:]
        elif what == "drop":
            del data[at : at + width]
        else:
            data[at : at + (width if what == "set" else 0)] = number
    return bytes(data)


@pytest.fixture(scope="module")
def reader():
    one = Reader()
    yield one
    one.close()


def sound(kind):
    out = io.BytesIO()
    if kind in CONTAINERS:
        encode(out, noise(0.1, channels=2).astype(np.float32) / 32768, 22050, CONTAINERS[kind], KINDS[kind])
        return out.getvalue()
    sf.write(out, noise(0.1, channels=2), 22050, format=kind.split(".")[-1].upper(), subtype=KINDS[kind])
    return out.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_fuzzed_audio(kind, reader, tmp_path):
    """Changed bytes of WAV (16 bit, float, ADPCM), AU, FLAC, MP3, OGG, AIFF, M4A, Opus, WebM, CAF: at most 5 s, 2 GB"""
    whole, path = sound(kind), tmp_path / f"a.{kind}"

    @settings(max_examples=max(10, CASES // 5), deadline=None, derandomize=True, database=None,
              suppress_health_check=SEVERAL)  # fmt: skip
    @given(CHANGES)
    def reads_or_refuses(changes):
        path.write_bytes(changed(whole, changes))
        outcome, seconds = reader.read(path)
        assert outcome in ("read", "refused") and seconds < 5, (changes, seconds, outcome)  # see Reader.read

    reads_or_refuses()


def wav_with(at, value):
    out = bytearray(sound("wav"))
    out[at : at + 4] = value.to_bytes(4, "little")
    return bytes(out)


def flac_of_unknown_length(length):
    out = bytearray(sound("flac"))
    out[21] = out[21] & 0xF0 | length >> 32
    out[22:26] = (length & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(out)


@pytest.mark.parametrize(("name", "content"), [
    ("zeros.wav", b"RIFF\x24\0\0\0WAVE" + bytes(20_000_000)), ("zeros.aiff", b"FORM\0\0\0\x24AIFF" + bytes(20_000_000)),
    ("codec.caf", changed(sound("caf"), [("set", 25, 4, 0, "little")])), ("slow.wav", wav_with(24, 1)),
    ("fast.wav", wav_with(24, 2**31 - 1)), ("zeros.mp3", bytes(5_000_000)),
    ("years.flac", flac_of_unknown_length(2**36 - 1)), ("unknown.flac", flac_of_unknown_length(0)),
    ("noise.mp3", np.random.default_rng(0).bytes(3_000_000)), ("sync.mp3", b"\xff\xfb\x90\x64" * 500_000),
])  # fmt: skip
def test_headers_that_once_took_minutes_or_gigabytes(name, content, reader, tmp_path):
    """20 MB of empty chunks, a rate of 1 Hz, lengths of years: found by the fuzzing, kept as cases of their own"""
    (tmp_path / name).write_bytes(content)
    outcome, seconds = reader.read(tmp_path / name)
    assert outcome in ("read", "refused") and seconds < 5, (seconds, outcome)
    assert outcome == "refused" or name in ("fast.wav", "noise.mp3", "sync.mp3", "zeros.mp3", "unknown.flac")


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_fuzzed_archives(kind, tmp_path):
    """Changed bytes of zip, tar and tar.gz: unpacked into its folder, or refused and nothing left"""
    files, random = {f"g/{i}.wav": noise(0.01, seed=i).tobytes() for i in range(3)}, draws("archives", kind)
    whole = zip_bytes(files) if kind == "zip" else tar_bytes(files, "w:gz" if kind == "tar.gz" else "w")
    path = tmp_path / "a.bin"
    for number in range(CASES // 3):
        data = bytearray(whole)
        for _ in range(random.randint(1, 5)):
            data[random.choice([random.randrange(len(data)), random.randrange(600), -random.randint(1, 300)])] = (
                random.choice([0, 255, random.randrange(256)])
            )
        path.write_bytes(data[: random.choice([None, None, random.randrange(len(data))])])
        before = set(os.listdir(tmp_path))
        try:
            extract(path, tmp_path / f"out{number}")
        except DownloadError as error:
            assert str(path) in str(error) and set(os.listdir(tmp_path)) == before, number
        else:
            assert set(os.listdir(tmp_path)) - before == {f"out{number}"}, number


def odd_name(random):
    """Join pieces of names that lead out, mean something to a system, or are in no encoding."""
    return "".join(random.choice(PIECES) for _ in range(random.randint(1, 5)))


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_odd_names_links_and_devices(pack, tmp_path):
    """`../`, absolute names, drives, control and surrogate characters, links, devices: refused, or a file in place"""
    random = draws("members", pack.__name__)
    for number in range(CASES // 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        options = {"format": random.choice(FORMATS), "errors": "surrogateescape"} if pack is tarred else {}
        if random.random() < 0.3:
            options |= {"kind": random.choice(TYPES)} if pack is tarred else {"external_attr": random.choice(MODES)}
        files = {"g/a.wav": b"1", odd_name(random): b"2", "g/b.wav": b"3"}
        path = None
        with suppress(ValueError):  # no archive can hold such a name
            path = pack(folder, files, **options)
        if path:
            unpack_or_refuse(path)
        assert os.listdir(tmp_path) == [str(number)], number
        shutil.rmtree(folder)


def unpack_or_refuse(path):
    try:
        extract(path, path.parent / "out")
    except DownloadError as error:
        assert str(path) in str(error) and os.listdir(path.parent) == [path.name]
        return
    assert set(os.listdir(path.parent)) == {path.name, "out"}
    for one in (path.parent / "out").rglob("*"):
        assert not one.is_symlink() and (one.is_dir() or (one.is_file() and one.stat().st_nlink == 1))
