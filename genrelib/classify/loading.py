"""Load a classifier, save one, and find the songs that files and folders name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from genrelib._base.caching import file_when_whole
from genrelib._base.errors import AudioError, GenrelibError, ResultError
from genrelib.classify.cards import read_card, write_card
from genrelib.classify.classifier import Classifier
from genrelib.datasets._files import find_audio

if TYPE_CHECKING:
    import keras

    from genrelib.evaluation.scores import Scores
    from genrelib.slices import SliceSet

WEIGHTS = Path(__file__).parent / "weights"  # of the two classifiers that come with genrelib


def load_classifier(path: str | Path | None = None) -> Classifier:
    """Load one of the two classifiers that come with genrelib, or a saved model that takes raw audio, with its card.

    Parameters
    ----------
    path : str or Path, optional
        ``"embedded"``: 53 numbers and a linear head, without TensorFlow. ``"pretrained"``: musicnn and a linear head.
        Or a ``.keras`` file with a card beside it (`save_classifier` writes both), or of a run
        (``runs/<collection>/models/<claim>.keras``). Unless given, pretrained where its weights are installed, and
        else embedded.

    Returns
    -------
    Classifier

    Raises
    ------
    GenrelibError
        No such model, no card, or a model that does not take raw audio and give a number a genre.

    Examples
    --------
    >>> import genrelib as gl
    >>> gl.load_classifier("embedded").card["genres"][:3]
    ['blues', 'classical', 'country']
    """
    name = str(path or ("pretrained" if find_spec("musicnn") else "embedded"))
    if name in ("embedded", "pretrained"):
        return _with_head(name)
    path = Path(os.path.expanduser(name))
    if not path.is_file():
        raise GenrelibError(f"{name}: no such model file; name embedded, pretrained or a .keras file that is there")
    return _network(path)


def _with_head(name):
    from genrelib.classify import numbers
    from genrelib.classify.heads import read_head

    path = WEIGHTS / f"{name}.json"
    head, card = read_head(path), read_card(path)
    embedded = name == "embedded"
    return Classifier(
        name=name,
        card=card,
        n_samples=card["n_samples"],
        hear=numbers.embedded_numbers if embedded else numbers.pretrained_numbers(card["numbers"]),
        decide=head.probabilities,
        strange=head.is_strange,
        whole=not embedded,
    )


def _network(path):
    from genrelib._base.tensorflow import tf
    from genrelib.evaluation.scores import gives_logits
    from genrelib.training.loop import load_model

    model = load_model(path)
    card = read_card(path)
    outputs = model.output_shape
    if len(model.inputs) != 1 or len(model.inputs[0].shape) != 2 or outputs[1:] != (len(card["genres"]),):
        raise ResultError(
            f"{path}: to classify a song takes a model from raw audio (batch, samples) to its {len(card['genres'])} "
            f"genres; this one goes from {model.input_shape} to {outputs}; the mel and raw networks are such models"
        )
    logits, n_samples = gives_logits(model), model.inputs[0].shape[1]

    @tf.function(input_signature=[tf.TensorSpec((None, n_samples), tf.float32)])
    def compute(samples):
        given = model(samples, training=False)
        return tf.nn.softmax(given) if logits else given

    compute(tf.zeros((1, n_samples)))  # traced now, not while the first song waits
    return Classifier(path.stem, card, n_samples, lambda steps: compute(steps).numpy())


def save_classifier(model: keras.Model, path: str | Path, slices: SliceSet, scores: Scores | None = None) -> Path:
    """Save a network that takes raw audio, and the card that tells what it is: `load_classifier` takes both.

    Parameters
    ----------
    model : keras.Model
    path : str or Path
        Of the ``.keras`` file; the card is the ``.json`` beside it.
    slices : SliceSet
        What it was trained on: its genres in the model's order, sample rate and level.
    scores : Scores, optional
        Of its test part, see `genrelib.evaluate`: the card tells how often it was right, and under which split.

    Returns
    -------
    Path
        Of the model. Both files come into place only when whole.

    Raises
    ------
    GenrelibError
        A model that gives another number of genres than the slices have, or does not take such slices.

    Examples
    --------
    >>> import genrelib as gl
    >>> slices = gl.cut_slices(gl.load_collection("demo"), seconds=0.5, sample_rate=8000)
    >>> model = gl.models.raw_cnn1d(n_samples=4000, n_classes=len(slices.genres))
    >>> scores = gl.evaluate(model, slices, range(100))
    >>> path = gl.save_classifier(model, "mine.keras", slices, scores)
    >>> answer = gl.load_classifier(path).classify(slices.collection.tracks["path"].iloc[0], top=3)
    >>> len(answer.top), round(sum(answer.probabilities.values()), 3)
    (3, 1.0)
    """
    from genrelib.models.files import save_model

    path = Path(os.path.expanduser(path))
    shape = (model.input_shape[1:], model.output_shape[1:])
    if path.suffix != ".keras" or shape != ((slices.samples.shape[1],), (len(slices.genres),)):
        raise GenrelibError(
            f"{path}: a classifier is a .keras file of a network from raw audio {slices.samples.shape[1:]} to "
            f"{len(slices.genres)} genres; this one goes from {shape[0]} to {shape[1]}; train it on these slices"
        )
    with file_when_whole(path) as building:
        save_model(model, building)
    write_card(path, model.name, slices, scores)
    return path


def find_songs(paths: Sequence[str | Path]) -> tuple[list[Path], dict[str, list[Path]]]:
    """List the songs that files and folders name.

    Parameters
    ----------
    paths : sequence of str or Path
        A folder stands for every file below it that is sound by its content.

    Returns
    -------
    (list of Path, dict of str to list of Path)
        A file as it was named, whether it is there or not; no song twice. And by reason what folders hold besides.

    Raises
    ------
    AudioError
        A name that is empty, or a folder without audio.
    """
    songs, passed_over = [], {}
    for path in paths:
        if not str(path).strip():
            raise AudioError("a song is named by its path; an empty name was given: name a file or a folder")
        path = Path(os.path.expanduser(path))
        found, rest = find_audio(path) if os.path.isdir(path) else ([path], {})
        if not found:
            raise AudioError(f"{path}: no audio in this folder; it holds {sum(map(len, rest.values()))} other files")
        songs += found
        for reason, files in rest.items():
            passed_over.setdefault(reason, []).extend(files)
    return list(dict.fromkeys(songs)), passed_over
