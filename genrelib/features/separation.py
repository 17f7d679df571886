"""Harmonic/percussive separation as librosa does it, with median filters that neighbouring windows share.

scipy's median filters take over four fifths of the time of the 57 features when each is asked of librosa. Here sixteen
neighbouring windows share what they have in common, and each step is one numpy minimum or maximum over whole rows.
Minima and maxima round nothing: the medians are scipy's to the last bit.
"""

import numpy as np

WIDTH = 31  # frames and bins a median is of: librosa.decompose.hpss's kernel_size
SHARING = (WIDTH + 1) // 2  # windows that are worked out together; a power of two
BLOCK = 16384  # numbers an array while sorting: fewer pay for numpy's calls, more leave the core's cache


def harmonic_signal(samples, stft, magnitude):
    """Give the harmonic part of a signal, as ``librosa.effects.harmonic`` does.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,), dtype=float32]
    stft : np.ndarray [shape=(n_bins, n_frames), dtype=complex64]
        ``librosa.stft(samples)``.
    magnitude : np.ndarray [shape=(n_bins, n_frames), dtype=float32]
        Its absolute values.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=float32]
        Equal to the last bit. The percussive part is the signal less this one: the two masks add up to one.
    """
    import librosa

    by_frame = magnitude.T.copy()  # (frames, bins): how librosa.stft lays them in memory
    harmonic = running_median(by_frame)
    percussive = running_median(np.ascontiguousarray(magnitude)).T
    kept = _soft_mask(harmonic, percussive)
    kept *= by_frame
    # magnitude times phase, not mask times STFT: it rounds as librosa does, so that even the mean of the signal, next
    # to nothing beside its deviation, is librosa's
    parts = np.ascontiguousarray(stft.T).view(magnitude.dtype).reshape(*by_frame.shape, 2)
    by_frame[by_frame == 0] = 1
    phase = parts / by_frame[..., np.newaxis]
    phase *= kept[..., np.newaxis]
    return librosa.istft(phase.view(stft.dtype)[..., 0].T, dtype=samples.dtype, length=len(samples))


def running_median(rows):
    """Filter along the first axis with a median over 31 rows, the edges mirrored.

    Parameters
    ----------
    rows : np.ndarray [shape=(n, m)]
        C-contiguous, without NaN.

    Returns
    -------
    np.ndarray [shape=(n, m)]
        ``scipy.ndimage.median_filter(rows, size=(31, 1), mode="reflect")``.
    """
    n, m = rows.shape
    n_groups = -(-n // SHARING)
    half = WIDTH // 2
    padded = np.pad(rows, ((half, half + n_groups * SHARING - n), (0, 0)), mode="symmetric")
    medians = np.empty((n_groups * SHARING, m), dtype=rows.dtype)
    step = max(1, BLOCK // m)
    for first in range(0, n_groups, step):
        last = min(first + step, n_groups)
        span = padded[first * SHARING : last * SHARING + WIDTH - 1]
        # row number i of every group at once: (groups, m)
        at = [span[i : i + (last - first - 1) * SHARING + 1 : SHARING] for i in range(SHARING + WIDTH - 1)]
        common = _sorted(at[SHARING - 1 : WIDTH])
        _descend(at, common, 0, SHARING, medians[first * SHARING : last * SHARING])
    return medians[:n]


def _descend(at, candidates, first, n, medians):
    """Find the medians of windows ``first`` to ``first + n - 1`` of each group.

    ``candidates`` are the n rows, sorted, that alone can be a median, by the rows that all of these windows hold.
    Half of the windows hold n/2 rows more in common, which rule out the n/4 smallest and greatest of all, and so on.
    """
    if n == 1:
        medians[first::SHARING] = candidates[0]
        return
    half = n // 2
    earlier, later = at[first + half - 1 : first + n - 1], at[first + WIDTH : first + WIDTH + half]
    _descend(at, _middle(candidates, _sorted(earlier)), first, half, medians)
    _descend(at, _middle(candidates, _sorted(later)), first + half, half, medians)


def _middle(candidates, more):
    """Merge 2h sorted rows with h sorted ones and keep the middle h, sorted."""
    half = len(more)
    upper = [np.maximum(a, b) for a, b in zip(candidates[:half], more[::-1], strict=True)]  # less the h smallest
    upper = _merged(upper)[::-1]
    return _merged([np.minimum(a, b) for a, b in zip(candidates[half:], upper, strict=True)])


def _sorted(rows):
    """Sort a power of two of rows, element by element: Batcher's bitonic network (1968)."""
    if len(rows) == 1:
        return rows
    half = len(rows) // 2
    return _merged(_sorted(rows[:half]) + _sorted(rows[half:])[::-1])


def _merged(rows):
    """Sort rows that rise and then fall, or the reverse."""
    if len(rows) == 1:
        return rows
    half = len(rows) // 2
    pairs = list(zip(rows[:half], rows[half:], strict=True))
    return _merged([np.minimum(a, b) for a, b in pairs]) + _merged([np.maximum(a, b) for a, b in pairs])


def _soft_mask(wanted, other):
    """Weigh the wanted part by its share of the power, halves where neither has any: ``librosa.util.softmask``."""
    greater = np.maximum(wanted, other)
    neither = greater < np.finfo(greater.dtype).tiny
    greater[neither] = 1
    wanted, other = np.square(wanted / greater), np.square(other / greater)
    other += wanted
    other[neither] = 1
    wanted /= other
    wanted[neither] = 0.5
    return wanted
