"""What notebook 01 alone needs: plots of its inputs and filters, and the genre that all three networks know best."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib._base.errors import GenrelibError
from genrelib.figures.audio import colour_map, draw_mel, draw_wave
from genrelib.figures.style import INK, PALE, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genrelib.evaluation.measured import Measured
    from genrelib.training.runs import Run, Runs

N_BANDS = 6  # mel filters that are drawn, spread over all
PERIODS = 8  # of a kernel that are drawn, about its middle: the whole of it would be a black block


def three_inputs(wave: np.ndarray, mel: np.ndarray, normalised: np.ndarray, *, sample_rate: int, hop: int) -> Figure:
    """Draw what the networks see of one slice: samples [n], the mel layer's decibels [frames, mels], and normalised.

    ``hop`` is in samples. Kapre pads nothing, so the frames lie in the middle of the slice.
    """
    mel, normalised = (np.asarray(array).reshape(len(array), -1) for array in (mel, normalised))
    figure, (top, middle, bottom) = canvas(3, 1, height=6.2, sharex=True, height_ratios=(1, 1.6, 1.6))
    draw_wave(top, wave, sample_rate)
    margin = (len(wave) - len(mel) * hop) / 2 / sample_rate
    span = (margin, margin + len(mel) * hop / sample_rate)
    decibel = draw_mel(middle, mel.T, sample_rate, span, vmin=mel.min(), vmax=mel.max())
    limit = max(np.percentile(np.abs(normalised), 99), 1e-6)  # a few outliers would leave the rest white
    deviations = draw_mel(bottom, normalised.T, sample_rate, span, vmin=-limit, vmax=limit, cmap="RdBu_r")
    figure.colorbar(decibel, ax=middle, label="Level (dB)")
    figure.colorbar(deviations, ax=bottom, label="Deviations\nfrom the mean")
    top.set(title="The same slice three times: samples, mel layer, after normalisation")
    top.set(ylabel="Amplitude", xlim=(0, len(wave) / sample_rate))
    middle.set(ylabel="Frequency (Hz)")
    bottom.set(ylabel="Frequency (Hz)", xlabel="Time (s)")
    return figure


def filters_before_after(start: list, trained: list, *, sample_rate: int) -> Figure:
    """Draw what training made of a `genrelib.models.frontends.TrainableMel`, from its ``get_weights()`` at both times.

    These are the cosine and sine kernels [n_fft, bins] and the mel matrix [bins, n_mels].
    """
    before, after = ([np.asarray(weights) for weights in layer] for layer in (start, trained))
    if [weights.shape for weights in before] != [weights.shape for weights in after]:
        raise GenrelibError("filters are compared one by one; these layers differ in size: take one before and after")
    n_fft, n_bins = before[0].shape
    hertz = np.arange(n_bins) * sample_rate / n_fft
    figure, ((left, right), (kernel, change)) = canvas(2, 2, height=5.6)
    left.sharey(right)  # before either is drawn: a panel that shares later takes the other's limits as they are
    bands = np.linspace(0.1, 0.95, N_BANDS) * (before[2].shape[1] - 1)
    for axis, (_, _, mel), title in ((left, before, "at the start"), (right, after, "after training")):
        for band, shade in zip(bands.astype(int), np.linspace(0.15, 0.85, N_BANDS), strict=True):
            axis.plot(hertz[1:], mel[1:, band], color=colour_map()(shade), linewidth=1.2)
        axis.set(title=f"Mel filters {title}", xlabel="Frequency (Hz)", ylabel="Weight")
        axis.set(xscale="log", xlim=(hertz[1], hertz[-1]))
    first, last = (np.concatenate(layer[:2]) for layer in (before, after))  # cosine and sine together
    moved = np.linalg.norm(last - first, axis=0) / np.linalg.norm(first, axis=0)
    worst = int(moved.argmax())
    half = min(n_fft / 2, PERIODS / 2 * sample_rate / max(hertz[worst], 1e-9))
    shown = np.arange(int(n_fft / 2 - half), int(n_fft / 2 + half))
    for layer, colour, name in ((before, PALE, "at the start"), (after, INK, "after training")):
        kernel.plot(1000 * shown / sample_rate, layer[0][shown, worst], color=colour, linewidth=1.2, label=name)
    kernel.margins(y=0.25)
    kernel.legend(loc="upper center", ncols=2)
    kernel.set(title=f"Most changed kernel, {hertz[worst]:.0f} Hz: its middle", xlabel="Time (ms)")
    kernel.set_ylabel("Cosine weight")
    change.plot(hertz, 100 * moved, color=INK, linewidth=0.8)
    change.set(title="How far each kernel moved", xlabel="Frequency (Hz)", ylabel="Change (% of its norm)")
    change.set_ylim(0, None)
    return figure


def best_genre(*systems: Runs) -> Measured:
    """Name the genre that is recognised best, seed by seed: the highest recall a slice, its mean over the systems.

    These are of one collection, under the same splits and seeds; what comes is of those that all of them have.
    """

    def best(run: Run) -> str:
        same = [{other.seed: other for other in runs[run.unit]}[run.seed] for runs in systems]
        return pd.DataFrame([run.scores.slice.recall for run in same]).mean().idxmax()

    together = replace(systems[0], is_report=all(runs.is_report for runs in systems))
    return replace(together.values(best, "best_recall_genre"), system="all")
