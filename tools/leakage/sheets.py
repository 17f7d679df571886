"""An information sheet a report: kinds of leakage (Kapoor and Narayanan, 2022) that its protocol has, and its scope."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

KINDS = {
    1: "no clean test set", 2: "preprocessing on training and test together", 3: "features chosen on both",
    4: "duplicates in both", 5: "a feature that stands in for the label", 6: "a test earlier than the training",
    7: "training and test not independent", 8: "a test set not drawn from what the claim is about",
}  # fmt: skip
YET = "not measured yet"


@dataclass(frozen=True)
class Sheet:
    """Hold what is said of one report; ``systems`` are those whose figures stand in it."""

    title: str
    systems: tuple[str, ...]
    leakage: dict[int, str]
    scope: str
    easy: str
    hard: str
    remains: str


SHEETS = (
    Sheet(
        "IDC: three CNNs of 3 s slices", ("raw_cnn1d", "mel_cnn1d", "mel_cnn2d"),
        {
            7: "slices of one recording, and of one artist, are in training and test",
            1: "the share to test on was kept since it “usually gave us better results”",
            4: "GTZAN's repeats (52 tracks are repeats or unusable) are in both parts",
            8: "the claim is about genre; GTZAN's genres are few artists, five in reggae's named tracks of gtzan_160",
        },
        "GTZAN's 1000 excerpts of 30 s, ten genres, collected in 2000 and 2001",
        "the order of the three networks and what the mel input adds can be rebuilt from the text",
        "layers are not given, and 3 s of 44,100 samples contradict themselves: each reading is measured",
        "whether 2-D is below 1-D, which a few trainings cannot settle",
    ),
    Sheet(
        "Toronto: 57 numbers and a dense network, pictures", ("feature_mlp", "spectrogram_cnn", "spectrogram_resnet"),
        {
            1: "the figure is of the validation part, which chose; its 15% to test on are given no figure",
            7: "songs are split by chance, so that artists are in both; the 100 new songs of other artists are not",
            8: "new songs come from the same search by the same hands as the old ones",
        },
        "its own 1000 songs, which cannot be had; here gtzan_160, and all of GTZAN by the public table of numbers",
        "numbers, network and shares are stated; the public table needs no audio",
        "30 s and 3 s clips are both described, in conflict; the ResNet is not",
        "precision, recall and F1 of 100 songs do not fit each other, and its songs cannot be heard",
    ),
    Sheet(
        "Turin: SVM on thirty numbers, and a CRNN", ("tzanetakis_svm", "crnn", "crnn_augmented"),
        {
            2: "the thirty numbers were rescaled over the whole set before the folds were made (undone here)",
            7: "songs are split whole, with their artists in both parts; of artist20 the split by album is stricter",
            4: "GTZAN's repeats are in both parts",
            8: "a thousand repeats measure the luck of folds, not that of other songs",
        },
        "GTZAN by song; artist20 by song and by album, which is to be had on request alone",
        "the split by song keeps recordings whole, and the features have a paper",
        "epochs, batch and optimiser are not given, and ten-fold CRNNs are hours of two cores",
        "what augmentation adds: the interval over a tenth of the tracks is wider than the claim",
    ),
    Sheet(
        "The post on windows of 100 ms", ("window_cnn1d",),
        {
            7: "windows that overlap by half are split by chance: a test window's own sound is in training",
            1: "“62% on the validation set”, which stopped the training",
            8: "a window of 100 ms is not what anybody asks the genre of; by song the same network is another figure",
        },
        "GTZAN, 599 windows a track",
        "the network is given layer by layer",
        "n_fft, hop and decibel are not: power mels are the main reading, two others stand beside it",
        "how many epochs: the best one is a draw of one training",
    ),
    Sheet(
        "Stanford: genre and mood", (),
        {
            7: "4074 and twice 225 slices of 450 songs drawn by chance: nearly every test song is in training",
            1: "the network was chosen among several by the figures that are reported",
            5: "mood is thirds of one number of another firm; what it stands for is not the listener's",
        },
        "450 clips of the Free Music Archive, six genres; which ones is not said, and their audio is not at hand here",
        "layers, rate and penalty are given; the share of happy songs follows from a public table",
        "sums of slices do not add up, and accuracy is of songs on one page and of slices on the next",
        f"every accuracy: {YET} on real audio, for want of the songs",
    ),
)  # fmt: skip


def sheets_section(rows: pd.DataFrame, level: str = "slice") -> str:
    """Write every sheet; figures are accuracies of gtzan_160, a slice each, from the loosest split to the strictest."""
    return "\n".join(_sheet(sheet, rows, level) for sheet in SHEETS)


def _sheet(sheet, rows, level):
    lines = [f"### {sheet.title}\n"]
    lines += [f"- **{kind}, {KINDS[kind]}**: {words}." for kind, words in sheet.leakage.items()]
    if sheet.systems:
        lines.append(f"- **Shown by**: {'; '.join(_figures(system, rows, level) for system in sheet.systems)}.")
    lines += [f"- **Scope**: {sheet.scope}.", f"- **Easy**: {sheet.easy}.", f"- **Hard**: {sheet.hard}."]
    return "\n".join([*lines, f"- **Open**: {sheet.remains}."]) + "\n"


def _figures(system, rows, level):
    own = rows[(rows["system"] == system) & (rows["level"] == level)].set_index("unit")
    known = [f"{own.loc[unit, 'mean']:.2f} by {unit}" for unit in ("slice", "track", "artist") if unit in own.index]
    return f"`{system}` {', '.join(known) or YET}"
