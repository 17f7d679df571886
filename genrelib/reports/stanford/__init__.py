"""The Stanford report: genre and mood on FMA."""

from genrelib.reports.stanford import figures, moods, music_vectors
