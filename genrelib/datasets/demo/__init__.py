"""The demo collection: tracks synthesised from a seed, with artists, albums and a known artist effect."""

from genrelib.datasets.demo.collection import EFFECT_BAND, artist_ceiling, load_demo

__all__ = ["EFFECT_BAND", "artist_ceiling", "load_demo"]
