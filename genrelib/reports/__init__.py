"""What one report alone needs, a file or folder each, and the session and run that its notebook stands in."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submodules=["blog", "idc", "leakage", "run", "session", "stanford", "toronto", "turin"]
)
