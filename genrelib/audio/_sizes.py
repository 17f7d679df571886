"""What headers say of lengths, and where the sound of a WAV, AIFF or AU lies whatever they say.

Recorders crash and pipes know no length; neither libsndfile nor FFmpeg reads on where a size is too small,
nor do they tell of a file that was cut off.
"""

from __future__ import annotations

import os
import re
import struct
from typing import BinaryIO

import soundfile as sf

UNKNOWN_BYTES = 0x7FFFF000  # and up: what programs that write to a pipe (sox, ffmpeg) give for a length not yet known
LOST = 0.01  # of the promised sound: less is a header that is a little off, more is a file that ends early
MOST_CHUNKS = 1000  # before the sound; a file of zeros would be nothing but empty chunks
MP3_HEAD = 4096  # bytes behind an mp3's tag in which its first frame lies
TAIL_BYTES = 1 << 20  # in which chunks behind the sound are looked for
CHUNKS = re.compile(
    rb"LIST|id3 |ID3 |bext|cue |smpl|fact|PEAK|JUNK|junk|PAD |acid|iXML|_PMX|inst|plst|cart|axml|chna|DISP|afsp|umid|"
    rb"MARK|INST|COMT|NAME|AUTH|ANNO|\(c\) |APPL|MIDI|AESD"
)
NO_SOUND = re.compile(rb"TAG|APETAGEX|ID3[\x02-\x04]|\0*$")  # tags that other programs append, and padding
PLAIN = {"PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"}  # a sample, a number


class Part:
    """A stretch of a file as a file of its own, without a name."""

    def __init__(self, file: BinaryIO, start: int, n_bytes: int) -> None:
        self.file, self.start, self.n_bytes, self.at = file, start, n_bytes, 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self.at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self.at, os.SEEK_END: self.n_bytes}[whence]
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, n_bytes: int = -1) -> bytes:
        left = max(0, self.n_bytes - self.at)
        self.file.seek(self.start + self.at)
        data = self.file.read(left if n_bytes < 0 else min(n_bytes, left))
        self.at += len(data)
        return data


def mended(file: BinaryIO, sound: sf.SoundFile, start: int, n_bytes: int) -> sf.SoundFile:
    """Open a stretch of a file as samples of the kind that its header names; see `stretch_of_sound`."""
    file.seek(0)
    head = file.read(4096)
    little = head[:4] in (b"RIFF", b"RF64", b"dns.") or b"sowt" in head
    return sf.SoundFile(
        Part(file, start, n_bytes),
        format="RAW",
        subtype=sound.subtype,
        samplerate=sound.samplerate,
        channels=sound.channels,
        endian="LITTLE" if little else "BIG",
    )


def stretch_of_sound(file: BinaryIO) -> tuple[int, int, str] | None:
    """Find the sound of a WAV, AIFF or AU whose header is wrong about it: first byte, number of bytes, fault in words.

    Nothing is given where the size is right, or not known; a ValueError says that the file ends early or is nothing but
    chunks.
    """
    file.seek(0)
    start, promised, order = _promised_sound(file)
    end = file.seek(0, os.SEEK_END)
    n_bytes = end - start
    if not start or promised >= UNKNOWN_BYTES or promised == n_bytes:
        return None
    if n_bytes < (1 - LOST) * promised:
        raise ValueError(f"truncated: the header promises {promised} bytes of sound, the file holds {n_bytes}")
    if promised < n_bytes:
        behind = start + promised + (promised % 2 if order else 0)
        if end - behind <= LOST * promised or _is_no_sound(file, behind, end, order):
            return None
        n_bytes = _start_of_chunks(file, behind, end, order) - start
    return start, n_bytes, f"its header promises {promised} bytes of sound, and {n_bytes} are there: all are read"


def mp3_samples(file: BinaryIO, per_frame: int) -> int:
    """Read an mp3's length from its Xing, Info or VBRI header, less what its encoder added; 0 without such a header."""
    file.seek(0)
    head = file.read(10)
    tag = 10 + sum((byte & 127) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=False))
    file.seek(tag if head[:3] == b"ID3" else 0)
    first = re.search(rb"\xff[\xe2-\xfd].{2,36}?(Xing|Info|VBRI)(.{140})", file.read(MP3_HEAD), re.DOTALL)
    if first is None or (first[1] != b"VBRI" and not first[2][3] & 1):
        return 0
    if first[1] == b"VBRI":
        return int.from_bytes(first[2][10:14], "big") * per_frame
    added = int.from_bytes(first[2][137:140], "big") if first[2][3] & 15 == 15 and first[2][116:120].isalnum() else 0
    return int.from_bytes(first[2][4:8], "big") * per_frame - (added >> 12) - (added & 0xFFF)


def ends_whole(file: BinaryIO) -> bool:
    """Tell whether an Ogg file's last page is there and marked as the last."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - (1 << 17)))
    tail = file.read()
    page = tail[max(0, tail.rfind(b"OggS")) :]
    lengths = page[27 : 27 + page[26]] if len(page) > 27 else b""  # of its segments
    return len(page) >= 27 + len(lengths) + sum(lengths) and bool(page[5:] and page[5] & 4)


def _promised_sound(file):
    """Give where the sound of a WAV, AIFF or AU starts, its bytes by the header, and the order of chunk sizes."""
    head = file.read(12)
    if head[:4] in (b".snd", b"dns.") and len(head) == 12:
        return *struct.unpack(">II" if head[:1] == b"." else "<II", head[4:]), ""
    order = {b"RIFF": "<", b"RIFX": ">", b"FORM": ">"}.get(head[:4], "")
    for _ in range(MOST_CHUNKS if order else 0):
        if len(chunk := file.read(8)) < 8:
            break
        name, n_bytes = struct.unpack(f"{order}4sI", chunk)
        if name == b"data":
            return file.tell(), n_bytes, order
        if name == b"SSND":
            return file.tell() + 8, max(0, n_bytes - 8), order  # two numbers stand before the sound
        file.seek(n_bytes + n_bytes % 2, os.SEEK_CUR)  # chunks start at even bytes
    else:
        if order:
            raise ValueError(f"not audio: no sound among its first {MOST_CHUNKS} chunks")
    return 0, 0, ""


def _is_no_sound(file, at, end, order):
    """Tell whether the bytes behind the promised sound are chunks, tags or zeros."""
    file.seek(at)
    rest = file.read(min(end - at, TAIL_BYTES))
    if NO_SOUND.match(rest) or (order and CHUNKS.match(rest)):
        return True
    return bool(order) and _reach_end(file, at, end, order)


def _reach_end(file, at, end, order):
    """Tell whether chunks follow each other from here to the end of the file."""
    for _ in range(MOST_CHUNKS):
        if abs(end - at) <= 1:
            return True
        file.seek(at)
        chunk = file.read(8)
        if at > end or len(chunk) < 8 or not chunk[:4].isascii() or not chunk[:4].decode().isprintable():
            return False
        n_bytes = struct.unpack(f"{order}I", chunk[4:])[0]
        at += 8 + n_bytes + n_bytes % 2
    return False


def _start_of_chunks(file, behind, end, order):
    """Give where the chunks behind the sound start, or the end of the file."""
    begin = max(behind, end - TAIL_BYTES)
    file.seek(begin)
    for match in CHUNKS.finditer(file.read()) if order else ():
        if _reach_end(file, begin + match.start(), end, order):
            return begin + match.start()
    return end
