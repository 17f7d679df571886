"""The plots that two notebooks or more draw. Each takes data and returns a figure; `caption` says what to look for.

Genre colours never change. What is no genre (systems, seeds, splits) is drawn in greys and told apart by its marker.
"""

from genrelib.figures.audio import slices_of_track, track_grid, wave_and_mel
from genrelib.figures.claims import dumbbell, sensitivity_bars
from genrelib.figures.curves import artists_per_genre, confusion, learning_curves, recalls, tracks_per_genre
from genrelib.figures.maps import tsne_by_genre
from genrelib.figures.style import GENRE_COLOURS, canvas, caption, genre_colour, set_style
