"""Synthetic sound of known answer: tones, noise, beats, notes, chords."""

import numpy as np

RATE = 22050  # Hz
SHORTEST = 65536  # samples of one window of the beat histogram


def sine(hertz, seconds=4.0, rate=RATE):
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def hiss(seconds=4.0, seed=0):
    return np.random.default_rng(seed).standard_normal(round(seconds * RATE))


def clicks(bpm, seconds=12.0, rate=RATE):
    """Short bursts of noise, one a beat, all alike."""
    burst = np.random.default_rng(0).standard_normal(rate // 20) * np.exp(-np.arange(rate // 20) / rate * 70)
    track = np.zeros(round(seconds * rate))
    for beat in np.arange(0, seconds - 0.1, 60 / bpm):
        start = round(beat * rate)
        track[start : start + len(burst)] += burst
    return track


def note(midi, seconds=4.0, rate=RATE):
    """A note with twelve partials, as an instrument has them."""
    hertz = 440 * 2 ** ((midi - 69) / 12)
    partials = [sine(hertz * k, seconds, rate) / k for k in range(1, 13) if hertz * k < rate / 2]
    return np.sum(partials, axis=0)


def chord(*notes, rate=RATE):
    return sum(note(midi, rate=rate) for midi in notes)
