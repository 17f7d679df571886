"""The beat histogram of Tzanetakis and Cook (2002), and the six rhythmic features that are read from it."""

import numpy as np

from genrelib.audio import SAMPLE_RATE
from genrelib.features.tzanetakis_signal import QUIET, enhanced, prepared, strongest_peaks

WINDOW = 65536  # samples, 3 s at 22,050 Hz; windows overlap by half (Tzanetakis and Cook, 2002)
DECIMATION = 16  # of the envelope (same)
POLE = 0.99  # of the low pass that smooths it (same)
SLOWEST, FASTEST = 40, 200  # BPM (same)
N_OCTAVES = 8  # down to 43 Hz; the paper gives no number
PEAK_REACH = 30  # lags, 22 ms: within it there is one beat, not two
PEAK_DISTANCE = 5  # BPM between the two peaks of a histogram
SLOW = 20  # Hz: beats move an envelope slower than this, and the waves of a hum faster
STILL = 0.05  # an envelope whose slow part varies by less than this share of its mean has no beat: hiss, a tone
# db4's squared low-pass response is (1 - y)^4 (1 + 4y + 10y^2 + 20y^3) with y = sin^2(w/2): Daubechies 1988,
# Orthonormal bases of compactly supported wavelets, for 4 vanishing moments (8 taps)
BINOMIALS = np.array([1, 4, 10, 20], dtype=np.float32)


def octave_bands(samples, n_octaves=N_OCTAVES):
    """Split a signal in the octave bands of the db4 wavelet, each at the signal's own rate.

    This is the wavelet transform without decimation, taken back to the signal band by band, which filters with the
    squared responses alone. Decimated bands would alias: a steady tone near an octave's edge would seem to beat.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,), dtype=float32]
    n_octaves : int > 0

    Yields
    ------
    np.ndarray [shape=(n,), dtype=float32]
        The highest octave first. They and what lies below the lowest add up to the signal.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    length = next_fast_len(len(samples) + 8 * 2**n_octaves, real=True)  # room for the longest filter's tail
    below = rfft(samples, length)
    y = np.square(np.sin(np.pi * np.fft.rfftfreq(length))).astype(np.float32)  # sin^2(w/2)
    for _ in range(n_octaves):
        response = (1 - y) ** 4 * np.polynomial.polynomial.polyval(y, BINOMIALS)
        yield irfft(below * (1 - response), length)[: len(samples)]
        below = below * response
        y = 4 * y * (1 - y)  # the same filter an octave lower


def beat_histogram(samples, sample_rate):
    """Gather the tempos that a track's envelope repeats at.

    In each window of 3 s the envelopes of the octaves (rectified, smoothed, decimated, their mean removed) are summed
    and autocorrelated; multiples of a period are removed, and the three highest peaks between 40 and 200 BPM are
    added by their amplitude.

    The paper leaves open, and here are chosen: eight octaves, without decimation (see `octave_bands`); amplitudes
    relative to the autocorrelation at lag 0, and the mean over windows, so that neither level nor length counts;
    peaks at least 22 ms from each other. Bands are filtered once for the track, not anew in each window, and summed
    before they are smoothed: both steps are linear. A window whose envelope hardly moves, as of a tone or of noise,
    or that is 60 dB below the loudest, has no beat.

    Parameters
    ----------
    samples : array [shape=(n,)]
        At least 65,536 at 22,050 Hz: one window.
    sample_rate : int > 0 [Hz]

    Returns
    -------
    bpm_bins : np.ndarray [shape=(161,), dtype=int64]
        40 to 200 BPM.
    histogram : np.ndarray [shape=(161,), dtype=float64]
        Zeros throughout for a sound without a beat, or in which none but multiples of shorter periods are found.

    Raises
    ------
    AudioError
        Not one channel, not finite, shorter than one window, or silent.
    """
    samples = prepared(samples, sample_rate, n_least=WINDOW, what="a beat histogram")
    acf = enhanced(_autocorrelations(_envelope_windows(samples / np.abs(samples).max())))
    lag_of_one_bpm = 60 * SAMPLE_RATE / DECIMATION
    # half a bin beyond either end, since a bin holds what rounds to it
    limits = {"shortest": lag_of_one_bpm / (FASTEST + 0.5), "longest": lag_of_one_bpm / (SLOWEST - 0.5)}
    lags, amplitudes = strongest_peaks(acf, **limits, reach=PEAK_REACH)
    bins = np.clip(np.rint(lag_of_one_bpm / lags).astype(int), SLOWEST, FASTEST) - SLOWEST
    bpm_bins = np.arange(SLOWEST, FASTEST + 1)
    return bpm_bins, np.bincount(bins, amplitudes, minlength=len(bpm_bins)) / len(acf)


def rhythm(histogram):
    """Read the six rhythmic features from a beat histogram.

    The paper leaves open how near two peaks may be: here 5 BPM.

    Parameters
    ----------
    histogram : np.ndarray [shape=(161,)]
        Of 40 to 200 BPM; see `beat_histogram`.

    Returns
    -------
    dict of str to float
        ``A0``, ``A1``: amplitude of the highest and of the second peak, relative to the histogram's sum; ``RA`` is
        A1/A0; ``P1``, ``P2``: their BPM; ``beat_SUM``: the histogram's sum. A peak that is not there has zeros.
    """
    from scipy.signal import find_peaks

    histogram = np.asarray(histogram, dtype=float)
    total = float(histogram.sum())
    places, _ = find_peaks(np.pad(histogram, 1), height=np.finfo(float).tiny, distance=PEAK_DISTANCE)
    places = places - 1
    main = places[np.argsort(-histogram[places], kind="stable")][:2]
    (a0, a1), (p1, p2) = np.zeros(2), np.zeros(2)
    if len(main):
        a0, p1 = histogram[main[0]] / total, main[0] + SLOWEST
    if len(main) > 1:
        a1, p2 = histogram[main[1]] / total, main[1] + SLOWEST
    features = {"A0": a0, "A1": a1, "RA": a1 / a0 if a0 else 0, "P1": p1, "P2": p2, "beat_SUM": total}
    return {name: float(value) for name, value in features.items()}


def _envelope_windows(samples):
    from scipy.signal import lfilter

    rectified = sum(np.abs(band) for band in octave_bands(samples))
    envelope = lfilter([1 - POLE], [1, -POLE], rectified)[::DECIMATION]
    length = WINDOW // DECIMATION
    return np.lib.stride_tricks.sliding_window_view(envelope, length)[:: length // 2]


def _autocorrelations(envelopes):
    """Autocorrelate envelopes without their mean, relative to lag 0; zeros for those that hardly move, or are quiet."""
    from scipy.fft import irfft, rfft

    means, length = envelopes.mean(axis=1, keepdims=True), envelopes.shape[1]
    power = np.square(np.abs(rfft(envelopes - means, 2 * length, axis=1)))
    slow = power[:, : int(SLOW * 2 * length * DECIMATION / SAMPLE_RATE)].sum(axis=1) / length**2  # their mean square
    acf = irfft(power, axis=1)[:, :length]
    moves = (slow > np.square(STILL * means[:, 0])) & (means[:, 0] > QUIET * means.max())
    return np.where(moves[:, None], acf / np.where(moves, acf[:, 0], 1)[:, None], 0)
