"""Train a network on one fold, or under every split and seed; what was trained once is kept."""

from genrelib._base import tensorflow as _tensorflow  # before Keras loads it
from genrelib.training.augment import augmented_slices
from genrelib.training.front_end import cached_front_end, split_front_end
from genrelib.training.loop import History, batches, load_model, set_seed, train
from genrelib.training.protocols import evaluate_outputs, run_protocols
from genrelib.training.runs import Run, Runs
