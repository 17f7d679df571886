"""What every room stands on: errors, caches, paths, provenance, the loop over tracks."""
