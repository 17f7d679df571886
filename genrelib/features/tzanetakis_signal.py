"""The beat and pitch histograms of Tzanetakis and Cook (2002), from a checked signal and its autocorrelation's peaks.

The analysis of pitch is the two-channel model of Tolonen and Karjalainen (2000, A computationally efficient
multipitch analysis model). Every constant is Tzanetakis and Cook's for 22,050 Hz unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from genrelib._base.errors import AudioError
from genrelib.audio import SAMPLE_RATE

FACTORS = (2, 3, 4, 5)  # Tolonen and Karjalainen (2000): "two, three, four, five, etc."
N_PEAKS = 3  # a window, of tempo and of pitch alike
QUIET = 1e-3  # a window 60 dB below the loudest holds the tail of a filter, or rounding, and no beat or pitch

BEAT_WINDOW = 65536  # samples, 3 s at 22,050 Hz; windows overlap by half
DECIMATION = 16  # of the envelope
POLE = 0.99  # of the low pass that smooths it
SLOWEST, FASTEST = 40, 200  # BPM
N_OCTAVES = 8  # down to 43 Hz; the paper gives no number
PEAK_REACH = 30  # lags, 22 ms: within it there is one beat, not two
SLOW = 20  # Hz: beats move an envelope slower than this, and the waves of a hum faster
STILL = 0.05  # an envelope whose slow part varies by less than this share of its mean has no beat: hiss, a tone
# db4's squared low-pass response is (1 - y)^4 (1 + 4y + 10y^2 + 20y^3) with y = sin^2(w/2): Daubechies 1988,
# Orthonormal bases of compactly supported wavelets, for 4 vanishing moments (8 taps)
BINOMIALS = np.array([1, 4, 10, 20], dtype=np.float32)

WINDOW = 512  # samples, 23 ms at 22,050 Hz: of pitch and of timbre
SPLIT = 1000  # Hz between the two channels (both papers)
LOW_CUT = 70  # Hz where the low channel begins (Tolonen and Karjalainen, 2000)
EXPONENT = 0.67  # of the magnitudes that the autocorrelation comes from; 2 would be the usual one (same)
LOWEST, HIGHEST = 43, 84  # MIDI notes, 98 to 1046 Hz: a window holds two periods, and the low channel ends
N_NOTES, N_CLASSES = 128, 12
A4, A4_HZ = 69, 440
FIFTH = 7  # semitones


def prepared(samples: np.ndarray, sample_rate: int, *, n_least: int, what: str) -> np.ndarray:
    """Give float32 samples at 22,050 Hz, for which the paper's constants are made, resampled with soxr (HQ).

    An AudioError where they are not one channel, not finite, silent throughout, or fewer than the ``n_least`` that
    the analysis needs; ``what`` is its name in the message.
    """
    samples = np.asarray(samples, dtype=np.float32)
    if samples.ndim != 1:
        raise AudioError(f"{what} is computed from one channel; given an array of shape {samples.shape}; average them")
    if not sample_rate > 0:
        raise AudioError(f"a sample rate is above 0 Hz; given {sample_rate}")
    if not np.isfinite(samples).all():
        raise AudioError(f"{what} is computed from finite samples; given NaN or infinity; get another copy")
    if sample_rate != SAMPLE_RATE and len(samples):
        import soxr

        samples = soxr.resample(samples, sample_rate, SAMPLE_RATE, quality="HQ")
    if len(samples) < n_least:
        raise AudioError(
            f"{what} needs {n_least} samples at {SAMPLE_RATE} Hz ({n_least / SAMPLE_RATE:.2f} s); given {len(samples)} "
            f"({len(samples) / SAMPLE_RATE:.2f} s); take a longer excerpt"
        )
    if not samples.any():
        raise AudioError(f"{what} is computed from sound; all {len(samples)} samples are zero; take another excerpt")
    return samples


def beat_histogram(samples: np.ndarray, sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
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
    """
    samples = prepared(samples, sample_rate, n_least=BEAT_WINDOW, what="a beat histogram")
    acf = enhanced(_envelope_autocorrelations(samples / np.abs(samples).max()))
    lag_of_one_bpm = 60 * SAMPLE_RATE / DECIMATION
    # half a bin beyond either end, since a bin holds what rounds to it
    limits = {"shortest": lag_of_one_bpm / (FASTEST + 0.5), "longest": lag_of_one_bpm / (SLOWEST - 0.5)}
    lags, amplitudes = strongest_peaks(acf, **limits, reach=PEAK_REACH)
    bins = np.clip(np.rint(lag_of_one_bpm / lags).astype(int), SLOWEST, FASTEST) - SLOWEST
    bpm_bins = np.arange(SLOWEST, FASTEST + 1)
    return bpm_bins, np.bincount(bins, amplitudes, minlength=len(bpm_bins)) / len(acf)


def pitch_histograms(samples: np.ndarray, sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Gather the notes that a track's short windows repeat at, by MIDI note and by pitch class.

    The signal is split at 1 kHz; the high channel is half-wave rectified and low-passed, so that it follows the
    pitch and not the partials. The autocorrelations of both are added, multiples of a period are removed, and the
    three highest peaks of a window are added by their amplitude.

    The papers leave open, or differ on, and here are chosen: windows of 512 samples without overlap (Tolonen and
    Karjalainen have 46 ms); Hamming windows; Butterworth filters of 12 dB an octave; no prewhitening; notes from 43 to
    84; amplitudes relative to the autocorrelation at lag 0, and the mean over windows, so that neither level nor
    length counts. A window 60 dB below the loudest has no pitch.

    Parameters
    ----------
    samples, sample_rate
        See `beat_histogram`; 512 samples at 22,050 Hz are one window.

    Returns
    -------
    unfolded : np.ndarray [shape=(128,)]
        By MIDI note; 69 is A4, 440 Hz.
    folded : np.ndarray [shape=(12,)]
        By pitch class in fifths: C, G, D, A, E, B, F#, C#, G#, D#, A#, F.
    """
    samples = prepared(samples, sample_rate, n_least=WINDOW, what="a pitch histogram")
    acf = enhanced(_summary_autocorrelations(samples / np.abs(samples).max()))
    # half a note beyond either end, since a note holds what rounds to it
    limits = {"shortest": SAMPLE_RATE / _hertz(HIGHEST + 0.5), "longest": SAMPLE_RATE / _hertz(LOWEST - 0.5)}
    lags, amplitudes = strongest_peaks(acf, **limits, reach=1)
    notes = np.rint(A4 + 12 * np.log2(SAMPLE_RATE / lags / A4_HZ)).astype(int)
    unfolded = np.bincount(np.clip(notes, LOWEST, HIGHEST), amplitudes, minlength=N_NOTES) / len(acf)
    return unfolded, fold(unfolded)


def fold(unfolded: np.ndarray) -> np.ndarray:
    """Add the octaves of each pitch class [128 to 12], and order these by fifths: class c stands at 7c mod 12."""
    places = FIFTH * np.arange(len(unfolded)) % N_CLASSES
    return np.bincount(places, unfolded, minlength=N_CLASSES)


def octave_bands(samples: np.ndarray, n_octaves: int = N_OCTAVES) -> Iterator[np.ndarray]:
    """Split a signal in the octave bands of the db4 wavelet, each at the signal's own rate.

    This is the wavelet transform without decimation, taken back to the signal band by band, which filters with the
    squared responses alone. Decimated bands would alias: a steady tone near an octave's edge would seem to beat.

    The highest octave comes first; they and what lies below the lowest add up to the signal.
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


def _envelope_autocorrelations(samples):
    """Autocorrelate the envelope in each window without its mean, relative to lag 0; zeros where it hardly moves."""
    from scipy.fft import irfft, rfft
    from scipy.signal import lfilter

    rectified = sum(np.abs(band) for band in octave_bands(samples))
    envelope, length = lfilter([1 - POLE], [1, -POLE], rectified)[::DECIMATION], BEAT_WINDOW // DECIMATION
    envelopes = np.lib.stride_tricks.sliding_window_view(envelope, length)[:: length // 2]
    means = envelopes.mean(axis=1, keepdims=True)
    power = np.square(np.abs(rfft(envelopes - means, 2 * length, axis=1)))
    slow = power[:, : int(SLOW * 2 * length * DECIMATION / SAMPLE_RATE)].sum(axis=1) / length**2  # their mean square
    acf = irfft(power, axis=1)[:, :length]
    moves = (slow > np.square(STILL * means[:, 0])) & (means[:, 0] > QUIET * means.max())
    return np.where(moves[:, None], acf / np.where(moves, acf[:, 0], 1)[:, None], 0)


def _summary_autocorrelations(samples):
    """Add the channels' autocorrelations in each window, relative to lag 0; zeros for a quiet window."""
    from scipy.fft import irfft, rfft
    from scipy.signal import butter, get_window, sosfilt

    low_pass = butter(2, [LOW_CUT, SPLIT], "bandpass", fs=SAMPLE_RATE, output="sos")
    high_pass = butter(2, SPLIT, "highpass", fs=SAMPLE_RATE, output="sos")
    taper = get_window("hamming", WINDOW).astype(np.float32)
    length = len(samples) // WINDOW * WINDOW
    spectra = 0
    for channel in (sosfilt(low_pass, samples), sosfilt(low_pass, np.maximum(sosfilt(high_pass, samples), 0))):
        windows = channel[:length].astype(np.float32).reshape(-1, WINDOW)
        spectra = spectra + np.abs(rfft(windows * taper, 2 * WINDOW)) ** np.float32(EXPONENT)
    acf = irfft(spectra)[:, :WINDOW]
    energy = acf[:, :1]
    sounds = energy > QUIET**EXPONENT * energy.max()
    return np.where(sounds, acf / np.where(sounds, energy, 1), 0)


def _hertz(note):
    return A4_HZ * 2 ** ((note - A4) / 12)


def enhanced(acf: np.ndarray) -> np.ndarray:
    """Remove from autocorrelations [n_windows, n_lags] the peaks that stand at multiples of another peak's lag.

    Each is clipped to positive values; stretched in lag by 2, 3, 4 and 5, it is subtracted from itself, and the
    result is clipped again (Tolonen and Karjalainen, 2000; Tzanetakis and Cook, 2002, do so for tempo too).
    """
    clipped = np.maximum(acf, 0)
    result = clipped
    for factor in FACTORS:
        below, rest = np.divmod(np.arange(acf.shape[1]), factor)
        weight = (rest / factor).astype(acf.dtype)
        above = np.minimum(below + 1, acf.shape[1] - 1)
        result = np.maximum(result - (clipped[:, below] * (1 - weight) + clipped[:, above] * weight), 0)
    return result


def strongest_peaks(acf: np.ndarray, *, shortest: float, longest: float, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Give lags and amplitudes of the three highest peaks of each window [n_windows, n_lags] between two lags.

    A peak is the highest value for ``reach`` lags to either side; its lag is refined by a parabola. They are of all
    windows, in no order: windows may have fewer than three.
    """
    from scipy.ndimage import maximum_filter1d

    first = max(1, int(np.ceil(shortest)))
    inner = slice(first, min(int(longest), acf.shape[1] - 2) + 1)
    peaks = acf[:, inner]
    # its neighbours are compared too, so that a slope that ends at a limit is no peak
    is_peak = (peaks > 0) & (peaks >= maximum_filter1d(acf, 2 * reach + 1, axis=1)[:, inner])
    heights = np.where(is_peak, peaks, 0)
    windows = np.arange(len(acf))[:, None]
    lags = np.argsort(heights, axis=1)[:, -N_PEAKS:]
    chosen = heights[windows, lags] > 0
    windows, lags = np.broadcast_to(windows, lags.shape)[chosen], lags[chosen] + first
    left, top, right = (acf[windows, lags + step].astype(float) for step in (-1, 0, 1))
    bend = left - 2 * top + right
    shift = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1), 0)
    return lags + shift, top
