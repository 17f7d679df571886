"""Scores and intervals, votes over a track, nearest neighbours, maps of what a layer gives."""

from genrelib.evaluation.confusions import top_confusions
from genrelib.evaluation.intervals import interval_of_mean
from genrelib.evaluation.maps import layer_outputs, noisiest, silhouettes, tsne_map
from genrelib.evaluation.measured import Figures, Measured, seeds_share
from genrelib.evaluation.neighbours import all_answers, by_kind, neighbours, with_answers
from genrelib.evaluation.scores import LevelScores, Scores, evaluate, paired_difference, score_predictions
from genrelib.evaluation.votes import slices_heard
