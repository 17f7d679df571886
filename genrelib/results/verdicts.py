"""Say in words what a report claims, and how that compares with what was measured."""

import operator

OPERATOR_WORDS = {"=": "", "<": "below ", ">": "above ", "<=": "at most ", ">=": "at least "}
HOLDS = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
METRIC_WORDS = {
    "macro_f1": "macro F1", "weighted_f1": "weighted F1", "top3_accuracy": "top-3 accuracy",
    "accuracy_difference_to_mel_cnn1d": "accuracy minus that of mel_cnn1d:",
    "accuracy_difference_of_adam": "accuracy with Adam minus with SGD:",
    "best_recall_genre": "best genre:", "second_best_recall_genre": "second best genre:",
    "best_recall_genres": "best genres:", "weak_recall_genres": "weakest genres:", "top_confusions": "most confused:",
    "top3_genres": "top three genres:", "worst_recall_genre": "worst genre:",
    "noisiest_genre_in_tsne": "noisiest genre in t-SNE:",
}  # fmt: skip
DEMO = "demo: not evidence"


def claimed_in_words(claim):
    """Say what is claimed: part and level unless they are test and slice, then metric, operator, figure.

    Parameters
    ----------
    claim : pd.Series
        A row of `genrelib.results.records.read_claims`.

    Returns
    -------
    str
        Such as ``"validation accuracy below 0.60"``.
    """
    part, metric = claim["evaluated_on"].replace("_", " "), claim["metric"]
    # "train train accuracy" says it twice
    named = part in ("test", "both", "extraction") or metric.startswith(("train_", "training_"))
    words = [] if named else [part]
    words += ["track"] if claim["level"] == "track" and claim["task"] != "speed" else []
    words.append(METRIC_WORDS.get(metric, metric.replace("_", " ")))
    return f"{' '.join(words)} {OPERATOR_WORDS[claim['operator']]}{claim['value']}"


def verdict(record):
    """Say in words how a claim compares with what was measured.

    Parameters
    ----------
    record : dict
        As `genrelib.results.records.read_records` gives it.

    Returns
    -------
    str
    """
    claimed, values, mean, interval = record["claimed"], record["values"], record["mean"], record["ci95"]
    if record["is_demo"]:
        return DEMO
    if any(isinstance(value, str) for value in values):
        return _named(str(claimed), values)
    if isinstance(claimed, str):
        return f"no figure claimed, but in words: {claimed}"
    if mean is None:
        return "not comparable: a seed has no figure"
    if record["operator"] != "=":
        return _inequality(HOLDS[record["operator"]], claimed, values, mean, interval)
    if interval is None:
        side = "equal to" if claimed == mean else "above" if claimed > mean else "below"
        return f"claim {side} our mean (no interval)"
    low, high = interval
    if low <= claimed <= high:
        return "within the interval"
    return f"claim {'above' if claimed > high else 'below'} our interval"


def _named(claimed, values):
    """Count the seeds that found what is claimed; of a list, such as "jazz; metal", those that found each of it."""
    wanted, *found = ([name.strip().lower() for name in str(one).split(";")] for one in (claimed, *values))
    counts = {name: sum(name in names for names in found) for name in wanted}
    if len(wanted) == 1:
        return f"same genre in {counts[wanted[0]]} of {len(values)} seeds"
    return ", ".join(f"{name} in {count}" for name, count in counts.items()) + f" of {len(values)} seeds"


def _inequality(holds, claimed, values, mean, interval):
    agree = sum(holds(value, claimed) == holds(mean, claimed) for value in values)
    doubts = [f"in {agree} of {len(values)} seeds"] if agree < len(values) else []
    if interval is not None and interval[0] <= claimed <= interval[1]:
        doubts.append(f"{claimed:g} is within our interval")
    return ("holds" if holds(mean, claimed) else "does not hold") + (f" ({'; '.join(doubts)})" if doubts else "")
