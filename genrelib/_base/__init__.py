"""What every room stands on: errors, caches, paths, provenance, the loop over tracks."""

from genrelib._base.writable import settle_caches

settle_caches()  # before any room imports librosa
