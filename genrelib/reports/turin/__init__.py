"""The Turin report: thirty numbers and an SVM, a CRNN, artists."""

from genrelib.reports.turin.artists import PAPER, artists_at_hand, four_figures, gain_by_song, gain_by_vote
from genrelib.reports.turin.figures import (
    accuracy_by_slices_heard,
    albums_of_artists,
    augmentations,
    beat_histograms,
    chord_and_histogram,
    features_by_genre,
    published_beside_ours,
    report_mel,
    svm_spread,
)
from genrelib.reports.turin.maps import SliceMap, slice_map
from genrelib.reports.turin.svm import ACCURACY_2002, RepeatedSvm, RepeatedSvms, above_svm, repeated_svm, repeated_svms
