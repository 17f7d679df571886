"""genrelib: five music genre classification reports reproduced from raw audio.

Submodules, and with them TensorFlow, load when first used, so that ``import genrelib`` takes a fraction of a second.
"""

import importlib

__version__ = "0.1.0"

_HOME = {
    "load_collection": "datasets",
    "download_collection": "datasets",
    "check_collection": "datasets",
    "best_collection": "datasets",
    "cut_slices": "slices",
    "cut_windows": "windows",
    "split_slices": "splits",
    "k_folds": "splits",
    "train": "training",
    "set_seed": "training",
    "evaluate": "evaluation",
    "score_predictions": "evaluation",
    "paired_difference": "evaluation",
    "run_protocol": "protocols",
    "run_protocols": "protocols",
    "record": "results",
    "read_records": "records",
    "scoreboard": "board",
    "load_classifier": "classify",
    "GenrelibError": "errors",
}
_MODULES = (
    "audio",
    "augment",
    "board",
    "caching",
    "cards",
    "classify",
    "classify_songs",
    "checkpoints",
    "datasets",
    "drawing",
    "embedding",
    "errors",
    "evaluation",
    "features",
    "figures",
    "frontends",
    "handout",
    "images",
    "models",
    "new_songs",
    "leakage",
    "leakage_study",
    "leakage_table",
    "moods",
    "multi_output",
    "notebook",
    "pages",
    "places",
    "pretraining",
    "protocols",
    "predictions",
    "progress",
    "provenance",
    "publishing",
    "public_table",
    "ranking",
    "records",
    "results",
    "rows",
    "slices",
    "split_lists",
    "splits",
    "summaries",
    "svm",
    "tables",
    "training",
    "validation",
    "verdicts",
    "votes",
    "windows",
)
__all__ = list(dict.fromkeys([*_HOME, *_MODULES]))


def __getattr__(name):
    if name in _HOME:
        return getattr(importlib.import_module(f"genrelib.{_HOME[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"genrelib.{name}")
    raise AttributeError(f"module 'genrelib' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
