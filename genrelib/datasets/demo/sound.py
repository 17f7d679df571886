"""The sound of the demo collection: how artist, album and track play and record the recipe of a genre.

A track is a genre's recipe played by an artist (home key, instrument mix, fixed resonances, whistles of the rig),
recorded on an album (tilt, short room, peak) as one performance (melody, tempo, mode, brightness).
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from genrelib.datasets.demo.genres import DRUMS, SCALES, STYLES, VOICES

KEY_NAMES = ("C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B")
ALBUM_TILT = 0.3  # dB an octave: how far albums differ in brightness, one standard deviation
TABLE_SIZE = 2048  # samples in one period of an instrument's wave
N_HARMONICS = 24
COLOUR_HZ = (80, 250, 800, 2500, 6000)  # where a style says its colour, the decibels by which it is louder there
STRAY_DB = 9.0  # by how much a stray's colour leaves that of the style it plays, up or down at each of those
RESONANCE_DB = (1.0, 2.0)  # of an artist's narrow resonances: less than what parts two genres
WHISTLE_DB = -26.0  # one whistle of the artist's rig, against a mix of about 0 dB
BASS_TONES = {"r": 0, "3": 4, "5": 7, "6": 9, "7": 10, "o": 12}


def rng_for(seed: int, *words: object) -> np.random.Generator:
    """Return a generator that depends on the seed and the words alone, not on what was drawn before."""
    return np.random.default_rng([seed, *(crc32(str(word).encode()) for word in words)])


@dataclass(frozen=True)
class Performance:
    """Say what one track is: whose it is, which recipe it follows, and its mood; enough to render it."""

    seed: int
    genre: str
    sounds_like: str
    artist: int
    album: int
    track: int
    album_tilt: float = ALBUM_TILT

    def artist_rng(self, what: str) -> np.random.Generator:
        return rng_for(self.seed, "artist", self.genre, self.artist, what)

    def album_rng(self, what: str) -> np.random.Generator:
        return rng_for(self.seed, "album", self.genre, self.artist, self.album, what)

    def mood(self) -> tuple[float, float, int, bool]:
        """Return valence (0 to 1), beats a minute, key (half-tones above C) and whether the mode is major."""
        rng, style = rng_for(self.seed, "mood", self.genre, self.track), STYLES[self.sounds_like]
        valence = float(np.clip(rng.normal(style.valence, 0.2), 0.02, 0.98))
        slowest, fastest = style.bpm
        bpm = slowest + (fastest - slowest) * np.clip(0.1 + 0.8 * valence + rng.normal(0, 0.1), 0, 1)
        home = self.artist_rng("key").integers(6)  # an artist's songs are in the home key, its fourth or its fifth
        return valence, float(bpm), int(home + rng.choice([0, 0, 5, 7])) % 12, bool(valence > 0.5)


def render(performance: Performance, n_samples: int, sample_rate: int) -> np.ndarray:
    """Play one track: int16 [n_samples], its peak between -3 and -1 dBFS."""
    style, (valence, bpm, key, is_major) = STYLES[performance.sounds_like], performance.mood()
    rng = rng_for(performance.seed, "track", performance.genre, performance.track)
    stage = _Stage(performance, style, n_samples, sample_rate, bpm, rng)
    _play_drums(stage)
    _play_notes(stage, key, SCALES[style.scales[0 if is_major else 1]])
    return _produce(stage, valence)


class _Stage:
    """Hold the clock, the artist's instruments and four buffers that sounds are added into."""

    def __init__(self, performance, style, n_samples, sample_rate, bpm, rng):
        self.style, self.performance, self.rng, self.sample_rate = style, performance, rng, sample_rate
        self.buses = np.zeros((4, n_samples), dtype=np.float32)  # drums, bass, chords, lead
        self.steps = len(style.chords)
        self.step = sample_rate * 240.0 / bpm / self.steps  # samples a step; a bar is four beats
        self.start = -rng.integers(4 * self.steps) * self.step  # the excerpt begins anywhere in the song
        first_bar, end = (int(x / self.step / self.steps) for x in (-self.start, n_samples - self.start))
        self.bars = range(max(first_bar - 1, 0), end + 1)  # from one bar early: its notes may still ring
        artist = performance.artist_rng("instruments")
        self.mix = 10 ** (artist.normal(0, 1.5, N_HARMONICS) / 20)  # the artist's own instruments: 1.5 dB a harmonic
        self.drum_pitch = 2 ** artist.uniform(-0.2, 0.2)
        self.notes = {}

    def add(self, bus, sound, bar, step, gain):
        """Add a sound at a step of a bar, cut where it leaves the buffer."""
        start = int(self.start + (bar * self.steps + step) * self.step + self.rng.normal(0, 0.003) * self.sample_rate)
        first, last = max(start, 0), min(start + len(sound), self.buses.shape[1])
        if first < last:
            self.buses[bus, first:last] += np.float32(gain) * sound[first - start : last - start]

    def note(self, voice, pitch, n_steps):
        """Return a note (pitch in half-tones, 69 is 440 Hz), rendered once however often it is played."""
        if (voice, pitch, n_steps) not in self.notes:
            n = max(int(n_steps * self.step), 64)
            self.notes[voice, pitch, n_steps] = _render_note(voice, pitch, n, self.sample_rate, self.mix)
        return self.notes[voice, pitch, n_steps]


def _render_note(voice, pitch, n, sample_rate, mix):
    """Read one period of the instrument's wave at the note's pitch under attack, decay and a 10 ms release."""
    rolloff, even, attack, decay, vibrato = VOICES[voice]
    hertz = 440.0 * 2 ** ((pitch - 69) / 12)
    harmonic = np.arange(1, N_HARMONICS + 1)
    weights = mix * harmonic**-rolloff * np.where(harmonic % 2, 1.0, even) * (harmonic * hertz < 0.45 * sample_rate)
    spectrum = np.zeros(TABLE_SIZE // 2 + 1, dtype=np.complex64)
    spectrum[1 : N_HARMONICS + 1] = weights * np.exp(1j * harmonic**2)  # spread phases keep the crest low
    table = irfft(spectrum)
    table /= np.sqrt(np.mean(table**2)) + 1e-12
    seconds = np.arange(n) / sample_rate
    cycles = hertz * (seconds + vibrato / 34.6 * np.sin(34.6 * seconds))  # 5.5 Hz vibrato
    envelope = np.minimum(seconds / attack, 1.0) * np.exp(-seconds / decay)
    envelope *= np.minimum((n - np.arange(n)) / (0.01 * sample_rate), 1.0)
    return (table[(cycles * TABLE_SIZE).astype(np.int64) % TABLE_SIZE] * envelope).astype(np.float32)


def _render_drum(name, stage):
    decay, noise_level, tone_level, hertz, drop, order = DRUMS[name]
    seconds = np.arange(int(5 * decay * stage.sample_rate)) / stage.sample_rate
    noise = np.diff(stage.rng.standard_normal(len(seconds) + order), order) / (1, 1.4, 2.4)[order]
    sweep = hertz * stage.drum_pitch * 2 ** (drop * np.exp(-seconds / 0.025))
    tone = np.sin(2 * np.pi * np.cumsum(sweep) / stage.sample_rate)
    return ((noise_level * noise + tone_level * tone) * np.exp(-seconds / decay)).astype(np.float32)


def _play_drums(stage):
    for name, pattern in stage.style.drums.items():
        sound = _render_drum(name, stage)
        for bar in stage.bars:
            for step, mark in enumerate(pattern):
                if mark != ".":
                    stage.add(0, sound, bar, step, (1.0 if mark == "x" else 0.45) * stage.rng.uniform(0.85, 1.0))


def _chord(root, scale, tones):
    """Return half-tones above the key: thirds and sevenths are taken from the scale."""
    third = 4 if (root + 4) % 12 in scale or (root + 3) % 12 not in scale else 3
    seventh = 10 if tones == "dominant" or (root + 10) % 12 in scale else 11
    above = {"power": (0, 7, 12), "triad": (0, third, 7), "dominant": (0, 4, 7, 10), "seventh": (0, third, 7, seventh)}
    return [root + tone for tone in above[tones]], third


def _nearest(key, centre):
    """Return the pitch of the key's name that lies nearest to a pitch (60 is middle C)."""
    return centre + (key - centre + 6) % 12 - 6


def _motif(stage, scale):
    """Draw one bar of melody as (step, half-tones above the key): a walk along the scale."""
    degree, notes = int(stage.rng.integers(len(scale))), []
    for step, mark in enumerate(stage.style.lead_grid):
        if mark == "x" and stage.rng.random() < stage.style.lead_density:
            degree = int(np.clip(degree + stage.rng.integers(-2, 3), -3, len(scale) + 3))
            notes.append((step, scale[degree % len(scale)] + 12 * (degree // len(scale))))
    return notes


def _play_notes(stage, key, scale):
    """Play bass, chords and lead: chords follow the progression, two one-bar motifs make the melody."""
    style, (bass, chords, lead) = stage.style, stage.style.voices
    motifs = [_motif(stage, scale), _motif(stage, scale)]
    low, middle, high = (_nearest(key, centre) for centre in (33, 52 + style.register, 64 + style.register))
    bass_steps = 0.9 * stage.steps / sum(mark != "." for mark in style.bass)
    for bar in stage.bars:
        root = style.progression[bar % len(style.progression)]
        tones, third = _chord(root, scale, style.tones)
        for step, mark in enumerate(style.bass):
            if mark != ".":
                above = third if mark == "3" else BASS_TONES[mark]
                stage.add(1, stage.note(bass, low + root + above, bass_steps), bar, step, 1.0)
        for step, mark in enumerate(style.chords):
            if mark != ".":
                for tone in tones:
                    note = stage.note(chords, middle + tone, style.chord_steps)
                    stage.add(2, note, bar, step, 1.0 if mark == "x" else 0.6)
        for step, tone in motifs[bar % 4 == 3]:
            stage.add(3, stage.note(lead, high + tone, style.lead_steps), bar, step, stage.rng.uniform(0.7, 1.0))


def _produce(stage, valence):
    """Mix the buses, add the artist's noise floor, resonances and the album's room, and scale to the album's peak."""
    loudness = np.sqrt(np.mean(stage.buses**2, axis=1)) + 1e-9
    levels = np.where(loudness > 1e-6, 10 ** (np.array(stage.style.levels) / 20) / loudness, 0.0).astype(np.float32)
    drums, bass, chords, lead = stage.buses * levels[:, None]
    guitars = chords + lead
    if stage.style.drive:
        guitars = np.tanh(np.float32(stage.style.drive) * guitars) * np.float32(np.sqrt(np.mean(guitars**2)))
    n, album = drums.size, stage.performance.album_rng("room")
    mixed = drums + bass + guitars + _noise_floor(stage, n)
    decay = album.uniform(0.03, 0.12)
    tail = np.arange(int(4 * decay * stage.sample_rate)) / stage.sample_rate
    room = album.standard_normal(len(tail)) * np.exp(-tail / decay)
    room *= album.uniform(0.1, 0.3) / np.sqrt(np.sum(room**2))
    room[0] = 1.0
    size = next_fast_len(n + len(room), real=True)
    spectrum = rfft(mixed, size) * rfft(room.astype(np.float32), size)
    spectrum *= _equaliser(stage.performance, valence, size, stage.sample_rate)
    sound = irfft(spectrum, size)[:n]
    sound *= 32767 * 10 ** (album.uniform(-2.9, -1.1) / 20) / np.abs(sound).max()
    return np.round(sound).astype(np.int16)


def _noise_floor(stage, n):
    """Return the artist's rig: faint hiss, and five faint whistles that never move."""
    artist = stage.performance.artist_rng("rig")
    sound = stage.rng.standard_normal(n, dtype=np.float32) * np.float32(10 ** (artist.uniform(-50, -44) / 20))
    hertz = np.round(1500 * 2 ** artist.uniform(0, 2.6, 5))[:, None]  # whole numbers, so that one second repeats
    second = np.sin(2 * np.pi * hertz * np.arange(stage.sample_rate) / stage.sample_rate).sum(axis=0)
    return sound + np.resize(np.float32(10 ** (WHISTLE_DB / 20)) * second.astype(np.float32), n)


def _equaliser(performance, valence, size, sample_rate):
    """Return the gain at each bin: the style's colour, artist's resonances, album's tilt, mood's brightness."""
    artist, album = performance.artist_rng("resonances"), performance.album_rng("tilt")
    octave = np.linspace(-2, 5, 512)  # octaves from 250 Hz: 62 Hz to 8 kHz
    centres, widths = artist.uniform(-1, 4.7, 5), artist.uniform(0.08, 0.2, 5)
    gains = artist.uniform(*RESONANCE_DB, 5) * artist.choice([-1, 1], 5)
    decibels = (album.normal(0, performance.album_tilt) + 1.2 * (valence - 0.5)) * (octave - 1.5)
    decibels += (gains[:, None] * np.exp(-0.5 * ((octave - centres[:, None]) / widths[:, None]) ** 2)).sum(axis=0)
    colour = np.array(STYLES[performance.sounds_like].colour, dtype=float)
    if performance.sounds_like != performance.genre:
        colour += STRAY_DB * performance.artist_rng("colour").choice([-1, 1], len(COLOUR_HZ))
    decibels += np.interp(octave, np.log2(np.array(COLOUR_HZ) / 250), colour)
    hertz = np.arange(size // 2 + 1) * (sample_rate / size)
    return np.interp(hertz, 250 * 2**octave, 10 ** (decibels / 20)).astype(np.float32)
