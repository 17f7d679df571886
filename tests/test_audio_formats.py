"""Every format that people's songs come in is heard whole, whatever the file is called."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile as sf

from genrelib._base.errors import AudioError
from genrelib.audio import duration_seconds, read_audio, read_int16

SECONDS = 3.1
SOUNDS = [(22050, 1), (44100, 2)]  # rate, channels
KINDS = {  # name → FFmpeg's container and codec, options; every encoder here is in PyAV's wheels
    "16.wav": ("wav", "pcm_s16le"), "24.wav": ("wav", "pcm_s24le"), "float.wav": ("wav", "pcm_f32le"),
    "adpcm.wav": ("wav", "adpcm_ima_wav"), "a.flac": ("flac", "flac"), "a.aiff": ("aiff", "pcm_s16be"),
    "a.au": ("au", "pcm_s16be"), "cbr.mp3": ("mp3", "libmp3lame"), "bare.mp3": ("mp3", "libmp3lame"),
    "a.ogg": ("ogg", "libvorbis"), "a.opus": ("ogg", "libopus"), "a.m4a": ("ipod", "aac"), "alac.m4a": ("ipod", "alac"),
    "a.mp4": ("mp4", "aac"), "a.aac": ("adts", "aac"), "a.webm": ("webm", "libopus"), "a.wma": ("asf", "wmav2"),
    "a.caf": ("caf", "pcm_s16be"), "a.mka": ("matroska", "flac"), "a.w64": ("w64", "pcm_s16le"),
}  # fmt: skip


def sweep(rate, n_channels, seconds=SECONDS):
    """Sounds that no shift in time leaves alike [shape=(n, channels)]."""
    t = np.arange(round(seconds * rate)) / rate
    noise = 0.02 * np.random.default_rng(0).standard_normal((len(t), n_channels))
    pitches = 200 + 90 * np.arange(n_channels)
    return (0.3 * np.sin(2 * np.pi * (pitches + 300 * t[:, None]) * t[:, None]) + noise).astype(np.float32)


def encode(path, sound, rate, container, codec, **options):
    """Write a sound as FFmpeg does."""
    if codec == "libvorbis":  # which PyAV has no good encoder of
        sf.write(path, sound, rate, format="OGG")
        return path
    layout = {1: "mono", 2: "stereo"}[sound.shape[1]]
    with av.open(path, "w", format=container, options=options) as out:
        stream = out.add_stream(codec, rate=48000 if codec == "libopus" else rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.reshape(1, -1)), format="flt", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        if codec == "wmav2":
            stream.bit_rate = 64000
        resampler = av.AudioResampler(stream.format, layout, stream.rate)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return path


def decoded_frame_by_frame(path):
    """FFmpeg's own decoding, without any of ours: mono samples and their rate."""
    with av.open(str(path)) as container:
        (stream,) = container.streams.audio
        to_float = av.AudioResampler("fltp")
        frames = [part for frame in container.decode(stream) for part in to_float.resample(frame)]
        return np.concatenate([frame.to_ndarray() for frame in frames], axis=1).mean(axis=0), stream.rate


def alike(samples, expected):
    n = min(len(samples), len(expected))
    return np.corrcoef(samples[:n], expected[:n])[0, 1]


@pytest.mark.parametrize(("rate", "n_channels"), SOUNDS)
@pytest.mark.parametrize("name", KINDS)
def test_what_is_heard_is_what_ffmpeg_decodes(name, rate, n_channels, tmp_path):
    sound, path = sweep(rate, n_channels), tmp_path / name
    encode(path, sound, rate, *KINDS[name], **({"write_xing": "0"} if name == "bare.mp3" else {}))
    theirs, rate = decoded_frame_by_frame(path)
    path = path.rename(tmp_path / "song.txt")  # by its content
    notes = []
    ours = read_audio(path, sample_rate=rate, notes=notes)
    assert notes == [] and alike(ours, theirs) > 0.99 and abs(len(ours) - len(theirs)) <= 1152
    assert len(ours) / rate == pytest.approx(SECONDS, abs=0.15)  # encoders add a frame or two
    assert duration_seconds(path) == pytest.approx(len(ours) / rate, abs=0.1)
    assert read_int16(path).size == pytest.approx(len(ours) * 22050 / rate, abs=1)


@pytest.mark.parametrize("before", [b"", b"ID3\3\0\0\0\0\x27\x10" + b"\xd8" * 5000], ids=len)
@pytest.mark.parametrize("behind", [b"", b"\0" * 5000, b"APETAGEX" + b"\7" * 3000, b"TAG" + b"x" * 125], ids=len)
def test_mp3_without_a_header_among_bytes_that_are_no_sound(before, behind, tmp_path):
    quiet_then_loud = sweep(44100, 1) * np.linspace(0, 2, round(SECONDS * 44100))[:, None].astype(np.float32)
    path = encode(tmp_path / "a.mp3", quiet_then_loud, 44100, "mp3", "libmp3lame", write_xing="0", id3v2_version="0")
    path.write_bytes(before + path.read_bytes() + behind)
    assert len(read_audio(path)) / 22050 == pytest.approx(SECONDS, abs=0.1)
    assert duration_seconds(path) == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.parametrize("name", ["a.m4a", "cbr.mp3", "a.caf", "a.wma"])
def test_a_file_that_ends_early_is_told_from_one_a_little_short(name, tmp_path):
    path = encode(tmp_path / name, sweep(44100, 2, 20), 44100, *KINDS[name], **(
        {"movflags": "faststart"} if name == "a.m4a" else {}))  # fmt: skip
    whole = path.read_bytes()
    path.write_bytes(whole[: int(0.997 * len(whole))])
    assert len(read_audio(path)) / 22050 == pytest.approx(20, abs=0.3)
    path.write_bytes(whole[: len(whole) // 2])
    for reader in (read_audio, duration_seconds):
        with pytest.raises(AudioError, match="truncated|breaks off"):
            reader(path)


def test_an_ogg_without_its_end_is_heard_with_a_note(tmp_path):
    path = encode(tmp_path / "a.opus", sweep(44100, 2, 10), 44100, "ogg", "libopus")
    path.write_bytes(path.read_bytes()[:-500])
    notes = []
    assert len(read_audio(path, notes=notes)) > 8 * 22050 and len(notes) == 1 and "no mark at its end" in notes[0]


def test_flac_of_unknown_length_is_heard(tmp_path):
    path = encode(tmp_path / "a.flac", sweep(22050, 1), 22050, "flac", "flac")
    raw = bytearray(path.read_bytes())
    raw[21] &= 0xF0
    raw[22:26] = bytes(4)
    path.write_bytes(raw)
    assert len(read_int16(path)) == round(SECONDS * 22050) and duration_seconds(path) == pytest.approx(SECONDS, abs=0.1)


def test_what_cannot_be_decoded_gets_a_reason_and_an_ffmpeg_line(tmp_path):
    path = tmp_path / "my song.m4a"
    path.write_bytes(b"\0\0\0\x20ftypM4A " + bytes(range(256)) * 20)
    for reader in (read_int16, duration_seconds):
        with pytest.raises(AudioError, match="my song.m4a: .*ffmpeg -i '.*my song.m4a'"):
            reader(path)


def test_a_video_without_sound_is_refused_with_a_remedy_that_helps(tmp_path):
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "a.mp4"), "w") as video:
        stream = video.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 16
        stream.pix_fmt = "yuv420p"
        for frame in (av.VideoFrame(16, 16, "yuv420p"), None):
            video.mux(stream.encode(frame))
    for reader in (read_int16, duration_seconds):
        with pytest.raises(AudioError, match="a.mp4: holds no sound .*get a copy that has some") as caught:
            reader(tmp_path / "a.mp4")
        assert "ffmpeg" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.mp3", "a"])
@pytest.mark.parametrize("script", [
    "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{address}\n#EXT-X-ENDLIST\n",
    "ffconcat version 1.0\nfile '{song}'\nfile '{address}'\n",
    "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} RTP/AVP 0\n",
    "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><BaseURL>{address}</BaseURL></MPD>",
])  # fmt: skip
def test_a_playlist_under_any_name_opens_no_other_file_and_no_connection(name, script, tmp_path, listener):
    song = tmp_path / "song.wav"
    sf.write(song, sweep(22050, 1), 22050)
    address = "http://{}:{}/a.ts".format(*listener.getsockname())
    path = tmp_path / name
    path.write_text(script.format(address=address, song=song, port=listener.getsockname()[1]))
    for reader in (read_int16, duration_seconds):
        with pytest.raises(AudioError, match="not audio"):
            reader(path)
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.fixture
def listener():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def test_files_are_closed_behind_their_decoding(tmp_path):
    path = encode(tmp_path / "a.m4a", sweep(44100, 2), 44100, "ipod", "aac")
    (tmp_path / "bad.m4a").write_bytes(path.read_bytes()[:900])
    opened = Path("/proc/self/fd")
    if not opened.is_dir():
        pytest.skip("no /proc here")
    read_audio(path)
    before = len(list(opened.iterdir()))
    for _ in range(20):
        read_audio(path)
        with pytest.raises(AudioError):
            read_audio(tmp_path / "bad.m4a")
    assert len(list(opened.iterdir())) == before
