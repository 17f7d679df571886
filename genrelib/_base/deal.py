"""Deal whole groups to parts: what all splits but those by slice stand on."""

import hashlib

import numpy as np
import pandas as pd

from genrelib._base.errors import SplitError


def deal(labels, groups, shares, seed):
    """Give the part of each row, dealt as `genrelib.splits.grouped` says; -1 where its group is unknown.

    Parameters
    ----------
    labels, groups : np.ndarray [shape=(n,)]
    shares : list of float
        Of the parts; they add up to 1. Where a label has fewer groups than there are parts, the first have some.
    seed : int

    Returns
    -------
    np.ndarray [shape=(n,), dtype=int64]

    Raises
    ------
    SplitError
        Fewer groups than parts.
    """
    codes, names = pd.factorize(groups)
    labels, known = np.unique(labels, return_inverse=True)[1], codes >= 0
    if len(names) < len(shares):
        these = ", ".join(map(str, names)) or "none"
        raise SplitError(f"a split in {len(shares)} needs as many groups at least; given {len(names)}: {these}")
    counts = np.zeros((len(names), labels.max() + 1), dtype=int)
    np.add.at(counts, (codes[known], labels[known]), 1)
    of_label, waiting = counts.sum(axis=0).tolist(), (counts > 0).sum(axis=0).tolist()
    # a library's generator may change with its version; a hash does not
    hashes = [hashlib.sha256(f"{seed}/{name}".encode(errors="backslashreplace")).hexdigest() for name in names]
    sizes, drawn = counts.sum(axis=1), [int(digest, 16) for digest in hashes]
    dealt, parts = np.full(len(names) + 1, -1), range(len(shares))  # the last is of rows with code -1
    have = [[0] * len(of_label) for _ in parts]
    for group in sorted(range(len(names)), key=lambda group: (-sizes[group], drawn[group])):
        own = [(label, int(counts[group, label])) for label in np.flatnonzero(counts[group])]
        needy = set()
        for label, _ in own:
            empty = [part for part in parts if not have[part][label]]
            needy |= set(empty[: waiting[label]]) if len(empty) >= waiting[label] else set()
            waiting[label] -= 1
        below = {
            part: round(sum(n * (shares[part] - have[part][label] / of_label[label]) for label, n in own), 9)
            for part in sorted(needy) or parts
        }
        furthest = [part for part in below if below[part] == max(below.values())]
        part = dealt[group] = furthest[drawn[group] % len(furthest)]
        for label, n in own:
            have[part][label] += n
    return dealt[codes]
