"""One look for every plot: genre colours that never change, readable sizes, captions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genrelib._base.errors import GenrelibError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Petroff, "Accessible color sequences for data visualization", 2021 (arXiv:2107.02270): the ten-colour sequence, told
# apart by colour-blind readers too.
COLOURS = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip
GENRES = ("blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock")
GENRE_COLOURS = dict(zip(GENRES, COLOURS, strict=True))
INK, PALE = "#222222", "#9a9a9a"  # what is no genre is drawn in greys, so that a colour always means a genre
WIDTH = 9.0  # inches; with the dpi below, 720 pixels: a notebook's column
# marker, fill, edge: one a system, or one a split
LOOKS = (
    ("o", "white", INK), ("s", PALE, INK), ("^", "#5a5a5a", INK), ("v", "#dddddd", INK), ("P", "white", INK),
    ("h", PALE, INK),
)  # fmt: skip
STYLE = {
    "figure.dpi": 80,  # an executed notebook with a dozen figures stays under 1 MB
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#e3e3e3",
    "hatch.linewidth": 0.8,
}


def set_style() -> None:
    """Set matplotlib's defaults to the style that all notebooks share."""
    import matplotlib

    matplotlib.rcParams.update(STYLE)


def genre_colour(name: str, genres: Sequence[str] = GENRES) -> str:
    """Give the colour of a genre, as ``#rrggbb``: the same in every plot.

    The ten genres of GTZAN have fixed colours; the other ``genres`` of a collection take, in order, those that are left
    over. From the eleventh genre on, colours repeat.

    Raises
    ------
    GenrelibError
        The name is none of the genres.
    """
    if name in GENRE_COLOURS:
        return GENRE_COLOURS[name]
    others = [genre for genre in genres if genre not in GENRE_COLOURS]
    if name not in others:
        raise GenrelibError(f"a colour belongs to one of {list(genres)}; given {name!r}; pass the collection's genres")
    taken = {GENRE_COLOURS[genre] for genre in genres if genre in GENRE_COLOURS}
    free = [colour for colour in COLOURS if colour not in taken] or COLOURS
    return free[others.index(name) % len(free)]


def caption(text: str) -> None:
    """Display one paragraph in italics beneath the plot just shown, line breaks joined: it says what to look for."""
    from IPython.display import Markdown, display

    display(Markdown(f"*{' '.join(text.split())}*"))


def canvas(
    n_rows: int = 1, n_columns: int = 1, *, height: float, width: float = WIDTH, **options: Any
) -> tuple[Figure, Any]:
    """Make a figure [inches] that pyplot has forgotten, so that a notebook draws it where it is displayed alone.

    Further options are those of `matplotlib.pyplot.subplots`; the axes come as it gives them.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(n_rows, n_columns, figsize=(width, height), layout="constrained", **options)
    plt.close(figure)
    return figure, axes


def mark(axis: Axes, x: Any, y: Any, look: tuple[str, str, str], *, label: str | None) -> None:
    """Draw the markers of one system or split; see LOOKS."""
    marker, fill, edge = look
    axis.plot(
        x, y, marker, linestyle="none", markersize=8, markerfacecolor=fill, markeredgecolor=edge, zorder=3, label=label
    )
