"""The recipes of the demo's ten genres, as the table ``demo_genres.yaml`` holds them."""

from dataclasses import dataclass

import yaml

from genrelib._base.paths import table_path


@dataclass(frozen=True)
class Style:
    """Hold one genre's recipe. A pattern is one bar of equal steps: ``x`` loud, ``o`` soft, ``.`` rest.

    ``bass`` spells the bar in r (root), 3, 5, 6, 7 and o (octave). ``progression`` holds chord roots, one a bar, in
    half-tones above the key. ``chord_steps`` and ``lead_steps`` are note lengths in steps; ``lead_density`` is the
    chance of a note at each step of ``lead_grid``. ``levels`` are those of drums, bass, chords and lead in decibels,
    and ``colour`` is how much louder the mix is at five places (`genrelib.datasets.demo.sound.COLOUR_HZ`).
    """

    colour: list
    bpm: list
    valence: float
    drums: dict
    bass: str
    chords: str
    chord_steps: float
    tones: str
    lead_grid: str
    lead_density: float
    lead_steps: float
    voices: list
    levels: list
    progression: list
    scales: tuple = ("major", "minor")  # where the mood is major, and where it is minor
    register: int = 0
    drive: float = 0.0


_TABLE = yaml.safe_load(table_path("demo_genres.yaml").read_text(encoding="utf-8"))
SCALES, VOICES, DRUMS = _TABLE["scales"], _TABLE["voices"], _TABLE["drums"]
STYLES = {genre: Style(**recipe) for genre, recipe in _TABLE["styles"].items()}
