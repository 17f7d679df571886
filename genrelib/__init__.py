"""genrelib: five music genre classification reports reproduced from raw audio.

Submodules, and with them TensorFlow, load when first used, so that ``import genrelib`` takes a fraction of a second.
"""

import lazy_loader

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
