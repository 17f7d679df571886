"""Numbers that describe a recording, and the tables of them."""

from genrelib.features.spectral import spectral_numbers, spectral_table
from genrelib.features.tables import COLUMNS, FEATURES, RowSet, as_slices, read_table, track_of
from genrelib.features.tzanetakis import thirty_features, tzanetakis_table

__all__ = [
    "COLUMNS",
    "FEATURES",
    "RowSet",
    "as_slices",
    "read_table",
    "spectral_numbers",
    "spectral_table",
    "thirty_features",
    "track_of",
    "tzanetakis_table",
]
