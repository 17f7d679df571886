"""genrelib: five music genre classification reports reproduced from raw audio.

Submodules, and with them TensorFlow, load when first used, so that ``import genrelib`` takes a fraction of a second.
"""

import os

import lazy_loader

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow loads: its remarks on missing GPUs are no answer
__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
