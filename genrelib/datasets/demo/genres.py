"""The recipes of the demo's ten genres: rhythm, tempo, chords, scale and instruments, as data.

They are ours: sketches to be told apart by ear and by machine, not models of real music.
"""

from dataclasses import dataclass

MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
MAJOR_5, MINOR_5 = (0, 2, 4, 7, 9), (0, 3, 5, 7, 10)
MIXOLYDIAN, DORIAN, PHRYGIAN = (0, 2, 4, 5, 7, 9, 10), (0, 2, 3, 5, 7, 9, 10), (0, 1, 3, 5, 7, 8, 10)
BLUES = (0, 3, 5, 6, 7, 10)


@dataclass(frozen=True)
class Style:
    """Hold one genre's recipe. A pattern is one bar of equal steps: ``x`` loud, ``o`` soft, ``.`` rest.

    ``bass`` spells the bar in r (root), 3, 5, 6, 7 and o (octave). ``progression`` holds chord roots, one a bar, in
    half-tones above the key. ``chord_steps`` and ``lead_steps`` are note lengths in steps; ``lead_density`` is the
    chance of a note at each step of ``lead_grid``. ``levels`` are those of drums, bass, chords and lead in decibels,
    and ``colour`` is how much louder the mix is at five places (`genrelib.datasets.demo.sound.COLOUR_HZ`).
    """

    colour: tuple
    bpm: tuple
    valence: float
    drums: dict
    bass: str
    chords: str
    chord_steps: float
    tones: str
    lead_grid: str
    lead_density: float
    lead_steps: float
    voices: tuple
    levels: tuple
    progression: tuple
    scales: tuple = (MAJOR, MINOR)
    register: int = 0
    drive: float = 0.0


# Instrument: harmonic roll-off exponent, weight of even harmonics, attack (s), decay (s), vibrato (share of pitch).
VOICES = {
    "strings": (1.1, 1.0, 0.12, 4.0, 0.006),
    "cello": (1.3, 1.0, 0.09, 3.0, 0.004),
    "pluck": (0.8, 1.0, 0.002, 0.16, 0.0),
    "banjo": (0.45, 1.0, 0.002, 0.11, 0.0),
    "upright": (1.8, 0.8, 0.006, 0.25, 0.0),
    "finger": (1.3, 0.9, 0.004, 0.4, 0.0),
    "sub": (3.0, 0.3, 0.005, 0.7, 0.0),
    "slap": (0.8, 1.0, 0.002, 0.18, 0.0),
    "organ": (1.5, 0.5, 0.008, 2.0, 0.003),
    "piano": (1.4, 0.9, 0.003, 0.5, 0.0),
    "horn": (1.0, 0.9, 0.03, 1.0, 0.005),
    "synth": (0.9, 0.15, 0.01, 1.5, 0.0),
    "saw": (0.7, 1.0, 0.004, 2.0, 0.002),
    "guitar": (0.8, 1.0, 0.003, 0.6, 0.003),
    "skank": (0.7, 0.9, 0.002, 0.06, 0.0),
}

STYLES = {
    "blues": Style(
        colour=(-4, 8, 3, -8, -9),
        bpm=(84, 104),
        valence=0.35,
        bass="r..3..5..6..",
        chords="x..o..x..o..",
        drums={"kick": "x.....x.....", "snare": "...x.....x..", "hat": "x.ox.ox.ox.o"},
        lead_grid="x.xx.xx.xx.x",
        lead_density=0.6,
        lead_steps=2.0,
        voices=("upright", "organ", "guitar"),
        tones="dominant",
        chord_steps=1.6,
        progression=(0, 5, 0, 7, 5, 0),
        scales=(BLUES, BLUES),
        levels=(-4, -3, -7, -1),
        drive=1.5,
    ),
    "classical": Style(
        colour=(-9, 4, 9, 0, -9),
        bpm=(58, 80),
        valence=0.5,
        bass="r.......5.......",
        chords="x.......x.......",
        drums={},
        lead_grid="x...x...x...x...",
        lead_density=0.8,
        lead_steps=4.5,
        voices=("cello", "strings", "strings"),
        tones="triad",
        chord_steps=9.0,
        progression=(0, 5, 7, 0, 9, 2, 7, 0),
        levels=(-60, -5, -3, -1),
        register=7,
    ),
    "country": Style(
        colour=(-9, -3, 3, 9, 4),
        bpm=(106, 124),
        valence=0.68,
        bass="r.......5.......",
        chords="....x.......x...",
        drums={"brush": "o.oox.oxo.oox.ox", "kick": "o.......o......."},
        lead_grid="x.x.x.x.x.x.x.x.",
        lead_density=0.85,
        lead_steps=1.5,
        voices=("upright", "pluck", "banjo"),
        tones="triad",
        chord_steps=1.5,
        progression=(0, 0, 5, 0, 7, 0),
        scales=(MAJOR_5, MAJOR_5),
        levels=(-9, -3, -2, -1),
        register=5,
    ),
    "disco": Style(
        colour=(4, -4, -9, 4, 9),
        bpm=(116, 128),
        valence=0.8,
        bass="r.o.r.o.r.o.r.o.",
        chords="x..x..x...x.....",
        drums={
            "kick": "x...x...x...x...",
            "open": "..x...x...x...x.",
            "clap": "....x.......x...",
            "hat": "o..oo..oo..oo..o",
        },
        lead_grid="x.......x.......",
        lead_density=0.6,
        lead_steps=7.0,
        voices=("slap", "synth", "strings"),
        tones="seventh",
        chord_steps=2.0,
        progression=(0, 9, 5, 7),
        scales=(MAJOR, DORIAN),
        levels=(0, -4, -8, -8),
    ),
    "hiphop": Style(
        colour=(12, 3, -9, -9, 4),
        bpm=(82, 96),
        valence=0.45,
        bass="r.........r.....",
        chords="x...............",
        drums={"boom": "x......x..x.....", "clap": "....x.......x...", "hat": "x.xox.x.x.xox.xx"},
        lead_grid="......x.......x.",
        lead_density=0.3,
        lead_steps=1.5,
        voices=("sub", "piano", "piano"),
        tones="seventh",
        chord_steps=5.0,
        progression=(0, 0, -4, 0),
        scales=(DORIAN, MINOR),
        levels=(2, 0, -11, -12),
        register=-3,
    ),
    "jazz": Style(
        colour=(-4, 4, -4, -4, 12),
        bpm=(132, 168),
        valence=0.58,
        bass="r..3..5..7..",
        chords="..x......x..",
        drums={"ride": "x..x.ox..x.o", "pedal": "...x.....x.."},
        lead_grid="x.xx.xx.xx.x",
        lead_density=0.7,
        lead_steps=1.4,
        voices=("upright", "piano", "horn"),
        tones="seventh",
        chord_steps=2.5,
        progression=(2, 7, 0, 9),
        scales=(MIXOLYDIAN, DORIAN),
        levels=(-7, -2, -6, -1),
        register=2,
    ),
    "metal": Style(
        colour=(4, -9, 0, 12, 0),
        bpm=(152, 180),
        valence=0.2,
        bass="rrrrrrrrrrrrrrrr",
        chords="xoxxoxxoxxoxxoxx",
        drums={"kick": "x.xxx.xxx.xxx.xx", "snare": "....x.......x...", "crash": "x..............."},
        lead_grid="x.......x.......",
        lead_density=0.2,
        lead_steps=6.0,
        voices=("guitar", "saw", "saw"),
        tones="power",
        chord_steps=0.9,
        progression=(0, 0, 1, -2),
        scales=(MINOR, PHRYGIAN),
        levels=(-2, -8, 0, -9),
        register=-8,
        drive=14.0,
    ),
    "pop": Style(
        colour=(0, -8, 9, -3, 9),
        bpm=(98, 114),
        valence=0.72,
        bass="r..r..r.r..r..r.",
        chords="x...............",
        drums={"kick": "x..x..x.x..x....", "snap": "....x.......x...", "hat": "....o.......o..."},
        lead_grid="x.x.x.x.x.x.x.x.",
        lead_density=0.7,
        lead_steps=1.7,
        voices=("synth", "synth", "synth"),
        tones="triad",
        chord_steps=15.0,
        progression=(0, 7, 9, 5),
        scales=(MAJOR, MINOR),
        levels=(-5, -6, -4, 0),
        register=9,
    ),
    "reggae": Style(
        colour=(12, 6, 0, -12, -12),
        bpm=(66, 80),
        valence=0.64,
        bass="r..r..5...3.r...",
        chords="..x...x...x...x.",
        drums={"kick": "........x.......", "rim": "........x.....o.", "hat": "o.o.o.o.o.o.o.o."},
        lead_grid="x...x...x...x...",
        lead_density=0.15,
        lead_steps=3.0,
        voices=("sub", "skank", "organ"),
        tones="triad",
        chord_steps=1.0,
        progression=(0, 5, 0, 7),
        scales=(MAJOR, DORIAN),
        levels=(-7, 2, -2, -12),
        register=3,
    ),
    "rock": Style(
        colour=(-4, 0, -8, 9, -4),
        bpm=(118, 138),
        valence=0.42,
        bass="r.r.r.r.r.r.r.r.",
        chords="x.....x.x.......",
        drums={"kick": "x.......x.x.....", "snare": "....x.......x...", "hat": "x.x.x.x.x.x.x.x."},
        lead_grid="x.x.x.x.x.x.x.x.",
        lead_density=0.3,
        lead_steps=3.0,
        voices=("finger", "guitar", "guitar"),
        tones="power",
        chord_steps=7.0,
        progression=(0, -2, 5, 0),
        scales=(MAJOR_5, MINOR_5),
        levels=(1, -5, -2, -5),
        drive=4.0,
    ),
}

# Drum: decay (s), level of noise, level of tone, its pitch (Hz), its drop (octaves), order of difference of the noise.
DRUMS = {
    "kick": (0.09, 0.02, 1.5, 52, 1.6, 0),
    "boom": (0.28, 0.01, 2.2, 44, 1.4, 0),
    "snare": (0.09, 0.8, 0.6, 190, 0.2, 0),
    "clap": (0.07, 0.9, 0.0, 100, 0.0, 1),
    "snap": (0.03, 0.5, 0.5, 1800, 0.0, 1),
    "brush": (0.035, 0.6, 0.0, 100, 0.0, 1),
    "rim": (0.02, 0.2, 0.9, 820, 0.0, 0),
    "hat": (0.018, 0.35, 0.0, 100, 0.0, 2),
    "open": (0.11, 0.4, 0.0, 100, 0.0, 2),
    "pedal": (0.025, 0.3, 0.0, 100, 0.0, 2),
    "ride": (0.25, 0.12, 0.12, 3700, 0.0, 2),
    "crash": (0.5, 0.35, 0.0, 100, 0.0, 1),
}
