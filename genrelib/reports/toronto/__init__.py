"""The Toronto report: 57 numbers and a dense network, pictures of spectrograms, new songs."""

from genrelib.reports.toronto import new_songs, public_table
from genrelib.reports.toronto.figures import (
    distributions,
    four_channels,
    pca_map,
    pictures,
    telling_features,
    top_three,
)
from genrelib.reports.toronto.figures_numbers import numbers_over_spectrogram
from genrelib.reports.toronto.ranking import best_genres, song_logits, three_songs, top_genres, weak_genres
