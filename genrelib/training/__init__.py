"""Train a network on one fold, or under every split and seed; what was trained once is kept."""

from genrelib.training.augment import augmented_slices
from genrelib.training.loop import (
    History,
    batches,
    cached_front_end,
    load_model,
    set_seed,
    split_front_end,
    train,
)
from genrelib.training.protocols import run_protocol, run_protocols
from genrelib.training.runs import Run, Runs
