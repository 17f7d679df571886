"""The networks of the reports: one file a report, each builder a plain function that returns an uncompiled model.

Every model takes raw audio: float32 in [-1, 1], shape (batch, n_samples).
"""

from genrelib.models.idc import mel_cnn1d, mel_cnn2d, raw_cnn1d, trainable_mel_cnn1d

__all__ = ["mel_cnn1d", "mel_cnn2d", "raw_cnn1d", "trainable_mel_cnn1d"]
