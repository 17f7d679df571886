"""The pitch histograms of Tzanetakis and Cook (2002), and the five features that are read from them.

The analysis is the two-channel model of Tolonen and Karjalainen (2000, A computationally efficient multipitch
analysis model).
"""

import numpy as np

from genrelib.audio import SAMPLE_RATE
from genrelib.features.tzanetakis_signal import QUIET, enhanced, prepared, strongest_peaks

WINDOW = 512  # samples, 23 ms at 22,050 Hz (Tzanetakis and Cook, 2002)
SPLIT = 1000  # Hz between the two channels (both papers)
LOW_CUT = 70  # Hz where the low channel begins (Tolonen and Karjalainen, 2000)
EXPONENT = 0.67  # of the magnitudes that the autocorrelation comes from; 2 would be the usual one (same)
LOWEST, HIGHEST = 43, 84  # MIDI notes, 98 to 1046 Hz: a window holds two periods, and the low channel ends
N_NOTES, N_CLASSES = 128, 12
A4, A4_HZ = 69, 440
FIFTH = 7  # semitones


def pitch_histograms(samples, sample_rate):
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
    samples : array [shape=(n,)]
        At least 512 at 22,050 Hz: one window.
    sample_rate : int > 0 [Hz]

    Returns
    -------
    unfolded : np.ndarray [shape=(128,)]
        By MIDI note; 69 is A4, 440 Hz.
    folded : np.ndarray [shape=(12,)]
        By pitch class in fifths: C, G, D, A, E, B, F#, C#, G#, D#, A#, F.

    Raises
    ------
    AudioError
        Not one channel, not finite, shorter than one window, or silent.
    """
    samples = prepared(samples, sample_rate, n_least=WINDOW, what="a pitch histogram")
    acf = enhanced(_summary_autocorrelations(samples / np.abs(samples).max()))
    # half a note beyond either end, since a note holds what rounds to it
    limits = {"shortest": SAMPLE_RATE / _hertz(HIGHEST + 0.5), "longest": SAMPLE_RATE / _hertz(LOWEST - 0.5)}
    lags, amplitudes = strongest_peaks(acf, **limits, reach=1)
    notes = np.rint(A4 + 12 * np.log2(SAMPLE_RATE / lags / A4_HZ)).astype(int)
    unfolded = np.bincount(np.clip(notes, LOWEST, HIGHEST), amplitudes, minlength=N_NOTES) / len(acf)
    return unfolded, fold(unfolded)


def fold(unfolded):
    """Add the octaves of each pitch class, and order the classes by fifths: class c stands at 7c mod 12.

    Parameters
    ----------
    unfolded : np.ndarray [shape=(128,)]

    Returns
    -------
    np.ndarray [shape=(12,)]
    """
    places = FIFTH * np.arange(len(unfolded)) % N_CLASSES
    return np.bincount(places, unfolded, minlength=N_CLASSES)


def pitch(unfolded, folded):
    """Read the five pitch features from a track's two histograms.

    Parameters
    ----------
    unfolded : np.ndarray [shape=(128,)]
    folded : np.ndarray [shape=(12,)]
        See `pitch_histograms`.

    Returns
    -------
    dict of str to float
        ``FA0``: amplitude of the folded histogram's highest bin; ``UP0``: MIDI note of the unfolded one's; ``FP0``:
        place of the folded one's, from 0 (C) by fifths to 11 (F); ``IPO1``: steps in fifths from there to the second
        highest, the short way round, -5 to 6; ``pitch_SUM``: the histogram's sum. A bin that is not there has zeros.
    """
    first, second = np.argsort(-folded, kind="stable")[:2]
    steps = (second - first + 5) % N_CLASSES - 5 if folded[second] > 0 else 0
    features = {
        "FA0": folded[first],
        "UP0": np.argmax(unfolded),
        "FP0": first,
        "IPO1": steps,
        "pitch_SUM": np.sum(unfolded),
    }
    return {name: float(value) for name, value in features.items()}


def _summary_autocorrelations(samples):
    """Add the channels' autocorrelations in each window, relative to lag 0; zeros for a quiet window."""
    from scipy.fft import irfft, rfft
    from scipy.signal import get_window

    taper = get_window("hamming", WINDOW).astype(np.float32)
    length = len(samples) // WINDOW * WINDOW
    spectra = 0
    for channel in _channels(samples):
        windows = channel[:length].astype(np.float32).reshape(-1, WINDOW)
        spectra = spectra + np.abs(rfft(windows * taper, 2 * WINDOW)) ** np.float32(EXPONENT)
    acf = irfft(spectra)[:, :WINDOW]
    energy = acf[:, :1]
    sounds = energy > QUIET**EXPONENT * energy.max()
    return np.where(sounds, acf / np.where(sounds, energy, 1), 0)


def _channels(samples):
    from scipy.signal import butter, sosfilt

    low_pass = butter(2, [LOW_CUT, SPLIT], "bandpass", fs=SAMPLE_RATE, output="sos")
    high_pass = butter(2, SPLIT, "highpass", fs=SAMPLE_RATE, output="sos")
    yield sosfilt(low_pass, samples)
    yield sosfilt(low_pass, np.maximum(sosfilt(high_pass, samples), 0))


def _hertz(note):
    return A4_HZ * 2 ** ((note - A4) / 12)
