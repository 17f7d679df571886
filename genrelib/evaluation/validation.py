"""Score the validation part, for claims about it: most reports quote the figure that they chose by."""

import numpy as np

from genrelib.evaluation.scores import evaluate

CI95_IS = (
    "of the validation accuracy: mean over the seeds of the lows and of the highs of each seed's 95% bootstrap "
    "interval, which resamples validation tracks; the epoch was chosen by this very part; scores are of the test part"
)


def validated(runs, slices):
    """Score each run on its validation part.

    Parameters
    ----------
    runs : list of Run
        See `genrelib.run_protocols`.
    slices : SliceSet, ImageSet, RowSet
        What they were trained on.

    Returns
    -------
    dict
        Keywords of `genrelib.record`: values (accuracy a slice on the validation part, one a seed), ci95, ci95_is,
        and fold and scores, which stay those of the test part.
    """
    from genrelib.training.loop import load_model

    parts = [
        evaluate(load_model(run.model_path), slices, run.fold.validation, seed=run.seed, protocol=run.unit)
        for run in runs
    ]
    intervals = np.array([one.slice.ci95["accuracy"] for one in parts])
    known = bool(np.isfinite(intervals).all())
    return {
        "values": [one.slice.accuracy for one in parts],
        "ci95": intervals.mean(axis=0).tolist() if known else None,
        "ci95_is": CI95_IS if known else None,
        "fold": [run.fold for run in runs],
        "scores": [run.scores for run in runs],
    }


def validated_by(runs, slices):
    """Do the same for several splits.

    Parameters
    ----------
    runs : dict of str to (list of Run, or str)
        As `genrelib.training.protocols.run_protocols` gives them.
    slices : SliceSet, ImageSet, RowSet

    Returns
    -------
    dict of str to (dict, or str)
        A reason in words stays as it is.
    """
    return {unit: found if isinstance(found, str) else validated(found, slices) for unit, found in runs.items()}
