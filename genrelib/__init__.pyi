# The public names: what `gl.` + Tab offers. `__init__.py` reads this file, so that each loads when first used.
from . import (
    audio,
    classify,
    datasets,
    evaluation,
    features,
    figures,
    models,
    reports,
    results,
    slices,
    splits,
    training,
)
from ._base.errors import GenrelibError
from .classify.loading import load_classifier, save_classifier
from .datasets import best_collection, check_collection, download_collection, load_collection
from .evaluation.scores import evaluate, paired_difference, score_predictions
from .features.windows import cut_windows
from .figures.records import dumbbell
from .models.files import same_network
from .reports.session import gpus, headline, open_session, player, start
from .results.claims import read_claims
from .results.comparing import compare
from .results.recording import not_measured, record
from .results.records import read_records
from .results.scoreboard import scoreboard
from .results.showing import table, verdicts, why_not
from .slices import cut_slices
from .splits import k_folds, split_slices
from .training.loop import batches, set_seed, train
from .training.protocols import run_protocols
