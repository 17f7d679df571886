"""What one report alone needs, a file or folder each, and the session and run that its notebook stands in."""

import pkgutil

import lazy_loader

# a file that is added here is there: gl.reports.<its name>
_FILES = [module.name for module in pkgutil.iter_modules(__path__)]
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=_FILES)
