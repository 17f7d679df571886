"""What a recording is turned into: numbers, pictures, windows of 100 ms."""

from genrelib.features.pictures import ImageSet, draw_slices, draw_tracks
from genrelib.features.rows import COLUMNS, FEATURES, RowSet, as_rows, as_slices, read_table, track_of
from genrelib.features.spectral import spectral_numbers, spectral_table
from genrelib.features.tzanetakis import thirty_features, tzanetakis_table
from genrelib.features.windows import WindowSet, cut_windows, votes_heard, window_mels
