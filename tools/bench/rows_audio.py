"""Rows about reading audio: cutting WAV and mp3 tracks into slices, and finding them cut already."""

import dataclasses
import shutil
import statistics
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import soundfile as sf

from genrelib.audio import SAMPLE_RATE, read_audio
from genrelib.datasets import load_collection
from genrelib.slices import cut_slices
from tools.bench.measuring import alternate, row, scratch, seconds_of

MP3_RATE = 44100
MP3_SECONDS = 30
MP3_TRACKS = 20
LIBROSA_LOOP = "for path in paths: librosa.load(path, sr=22050)"


def first(collection, n_tracks):
    """Give the collection cut down to about ``n_tracks``, as many of each genre."""
    per_genre = max(1, n_tracks // len(collection.genres))
    return dataclasses.replace(collection, tracks=collection.tracks.groupby("genre").head(per_genre))


def cut_wav(settings):
    """Decode and slice 100 tracks, the cache written, against reading their bytes and writing as many."""
    collection = first(settings.collection, 100)
    with scratch(settings) as folder, open(folder / "copy", "wb") as copy:
        loop = _loop_against_cut(lambda path: copy.write(Path(path).read_bytes()), collection, folder, settings.repeats)
        plain_seconds, our_seconds = loop
    n_tracks = len(collection.tracks)
    return row(
        name=f"decode and slice {n_tracks} tracks",
        plain="the floor: every byte read, and as many written",
        ours="cut_slices into a fresh cache folder",
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        floor="bytes read and written: the ratio is how near we are; a third of our time is the digest of every file's "
        "bytes, by which a changed file is noticed",
        collection=collection.name,
        note=f"{_megabytes(collection):.0f} MB of audio, in the system's page cache",
    )


def cut_mp3(settings):
    """Decode, mix, resample and slice 44.1 kHz stereo mp3 on two cores, against a loop that only loads."""
    with scratch(settings) as folder:
        _write_mp3s(first(settings.collection, MP3_TRACKS), folder / "mp3")
        return _cut_songs(settings, folder, "mp3", LIBROSA_LOOP, _load_by_librosa)


def cut_m4a(settings):
    """Decode, mix, resample and slice 44.1 kHz stereo m4a on two cores; librosa reads it by an ffmpeg on the path."""
    with scratch(settings) as folder:
        _write_mp3s(first(settings.collection, MP3_TRACKS), folder / "mp3")
        for path in sorted((folder / "mp3").rglob("*.mp3")):
            target = folder / "m4a" / path.relative_to(folder / "mp3").with_suffix(".m4a")
            target.parent.mkdir(parents=True, exist_ok=True)
            _encode_again(path, target)
        if shutil.which("ffmpeg"):
            return _cut_songs(settings, folder, "m4a", f"{LIBROSA_LOOP}, by ffmpeg", _load_by_librosa)
        plain = "for path in paths: PyAV's frames joined, librosa.to_mono, librosa.resample"
        return _cut_songs(settings, folder, "m4a", plain, _load_by_pyav)


def _cut_songs(settings, folder, kind, plain, load):
    collection = load_collection(folder / kind)
    paths = list(collection.tracks["path"])
    plain_seconds, our_seconds = _loop_against_cut(load, collection, folder, settings.repeats, n_jobs=2)
    floor = statistics.median(seconds_of(lambda: [_decode_alone(path) for path in paths]) for _ in plain_seconds)
    return row(
        name=f"decode and slice {len(paths)} stereo {kind} at 44.1 kHz",
        plain=plain,
        ours="cut_slices(…, n_jobs=2) into a fresh cache folder",
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        target=1.5,
        floor=f"decoding alone, no sample kept, takes {floor:.2f} s on one core, half of it at best on two",
        collection=settings.collection.name,
        note=f"{collection.tracks['duration'].median():.0f} s a track, encoded from the collection's own tracks",
    )


def cut_again(settings):
    """Find slices that were cut before, against cutting them."""
    collection = first(settings.collection, 100)
    firsts, seconds = [], []
    with scratch(settings) as folder:
        cut_slices(collection, cache=folder / "warm-up", progress=False)
        for repeat in range(settings.repeats):
            cut = partial(cut_slices, collection, cache=folder / str(repeat), progress=False)
            firsts.append(seconds_of(cut))
            seconds.append(seconds_of(cut))
            shutil.rmtree(folder / str(repeat))
    slowest = max(seconds)
    return row(
        name="second call of cut_slices",
        plain="the first call",
        ours="the second call",
        plain_seconds=firsts,
        our_seconds=seconds,
        limit_seconds=0.5,
        floor="the digest of every file's bytes, which is how a changed file is noticed",
        collection=collection.name,
        note=f"{len(collection.tracks)} tracks; the slowest second call took {slowest:.2f} s, "
        f"{'under' if slowest < 0.5 else 'NOT under'} the 0.5 s wanted",
    )


def _loop_against_cut(load, collection, folder, repeats, **settings):
    paths = list(collection.tracks["path"])

    def plain():
        return seconds_of(lambda: [load(path) for path in paths])

    def ours():
        cache = folder / "cache"
        seconds = seconds_of(lambda: cut_slices(collection, cache=cache, progress=False, **settings))
        shutil.rmtree(cache)
        return seconds

    plain(), ours()  # imports, and the files into the page cache
    return alternate(plain, ours, repeats)


def _load_by_librosa(path):
    import librosa

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on each file that it hands to ffmpeg
        librosa.load(path, sr=SAMPLE_RATE)


def _load_by_pyav(path):
    import av
    import librosa

    with av.open(path) as container:
        (stream,) = container.streams.audio
        samples = np.concatenate([frame.to_ndarray() for frame in container.decode(stream)], axis=1)
        librosa.resample(librosa.to_mono(samples), orig_sr=stream.rate, target_sr=SAMPLE_RATE)


def _decode_alone(path):
    import av

    with av.open(path) as container:
        for _ in container.decode(audio=0):
            pass


def _encode_again(path, target):
    import av

    with av.open(path) as source, av.open(target, "w", format="ipod") as out:
        stream = out.add_stream("aac", rate=MP3_RATE, layout="stereo")
        for frame in source.decode(audio=0):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _write_mp3s(collection, folder):
    for number, (genre, path) in enumerate(zip(collection.tracks["genre"], collection.tracks["path"], strict=True)):
        left = read_audio(path, sample_rate=MP3_RATE)[: MP3_SECONDS * MP3_RATE]
        stereo = np.stack([left, np.roll(left, MP3_RATE // 100)], axis=1)  # 10 ms apart: two channels to decode
        target = folder / genre / f"{number:03d}.mp3"
        target.parent.mkdir(parents=True, exist_ok=True)
        sf.write(target, stereo, MP3_RATE, format="MP3")


def _megabytes(collection):
    return sum(Path(path).stat().st_size for path in collection.tracks["path"]) / 1e6
