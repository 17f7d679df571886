"""Name the likeliest genres of a song with a saved model, and say how far to trust the answer."""

from genrelib.classify.cards import card_path, read_card, trust_in_words
from genrelib.classify.classifier import Answer, Classifier, find_songs, load_classifier
from genrelib.classify.figures import genre_timeline, songs_compared
