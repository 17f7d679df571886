"""Time genrelib against the plain way of doing the same, in one run: ``make bench``."""
