"""The networks of the reports: one file a report, each builder a plain function that returns an uncompiled model.

Models of slices take raw audio, float32 in [-1, 1], shape (batch, n_samples); those of the Toronto report take
pictures of spectrograms (`genrelib.features.pictures`) or rows of features, as they are. A file of this folder that
names its ``BUILDERS`` is one more report.
"""

from importlib import import_module as _import_module
from pkgutil import iter_modules as _iter_modules

from genrelib._base import tensorflow as _tensorflow  # before Keras loads it

__all__ = []
for _file in _iter_modules(__path__):
    _module = _import_module(f"{__name__}.{_file.name}")
    for _name in getattr(_module, "BUILDERS", ()):
        globals()[_name] = getattr(_module, _name)
        __all__.append(_name)
