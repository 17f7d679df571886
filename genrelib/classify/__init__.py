"""Name the likeliest genres of a song, and say how far to trust the answer."""

from genrelib.classify.cards import card_path, read_card, trust_in_words
from genrelib.classify.classifier import Answer, Classifier
from genrelib.classify.figures import genre_timeline, how_far_to_trust, songs_compared
from genrelib.classify.loading import WEIGHTS, find_songs, load_classifier, save_classifier
