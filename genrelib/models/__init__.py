"""The networks of the reports: one file a report, each builder a plain function that returns an uncompiled model.

Models of slices take raw audio, float32 in [-1, 1], shape (batch, n_samples); those of the Toronto report take
pictures of spectrograms (`genrelib.features.pictures`) or rows of features, as they are.
"""

from genrelib.models.blog import window_cnn1d
from genrelib.models.idc import mel_cnn1d, mel_cnn2d, raw_cnn1d, trainable_mel_cnn1d
from genrelib.models.turin import crnn
from genrelib.models.stanford import choi, yu_multi_output, zhang
from genrelib.models.toronto import feature_mlp, spectrogram_cnn, spectrogram_resnet

__all__ = [
    "mel_cnn1d",
    "mel_cnn2d",
    "raw_cnn1d",
    "trainable_mel_cnn1d",
    "crnn",
    "feature_mlp",
    "spectrogram_cnn",
    "spectrogram_resnet",
    "window_cnn1d",
    "yu_multi_output",
    "choi",
    "zhang",
]
