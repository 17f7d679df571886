"""An information sheet a report: kinds of leakage (Kapoor and Narayanan, 2022) that its protocol has, and its scope.

A figure within a sentence, such as {idc-2d-below-1d} or {idc-mel-above-raw by artist}, is that of the record.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pandas as pd

from genrelib.results.claims import headline_claims, read_claims
from genrelib.results.records import read_records
from tools.leakage import page

KINDS = {
    1: "no clean test set", 2: "preprocessing on training and test together", 3: "features chosen on both",
    4: "duplicates in both", 5: "a feature that stands in for the label", 6: "a test earlier than the training",
    7: "training and test not independent", 8: "a test set not drawn from what the claim is about",
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """Hold what is said of one report; ``shown`` says what shows it where there are no figures of its systems."""

    title: str
    leakage: dict[int, str]
    scope: str
    easy: str
    hard: str
    remains: str
    shown: str = ""


# report, as in claims.csv → its sheet
SHEETS = {
    "idc": Sheet(
        "IDC: three CNNs of 3 s slices",
        {
            7: "slices of one recording, and of one artist, are in training and test",
            1: "the share to test on was kept since it “usually gave us better results”",
            4: "GTZAN's repeats (52 tracks are repeats or unusable) are split by chance as all others are",
            8: "the claim is about genre; GTZAN's genres are few artists, five in reggae's named tracks of gtzan_160",
        },
        "GTZAN's 1000 excerpts of 30 s, ten genres, collected in 2000 and 2001",
        "split, shares and epochs are given; mel above raw by slice can be rebuilt: {idc-mel-above-raw}",
        "layers are not given, and 3 s of 44,100 samples contradict themselves: each reading of those is measured",
        "why 2-D is above 1-D here, {idc-2d-below-1d}, where the report has it below; and what mel adds on artists "
        "unheard: {idc-mel-above-raw by artist}",
    ),
    "toronto": Sheet(
        "Toronto: 57 numbers and a dense network, pictures",
        {
            1: "the figure is of the validation part, which chose; its 15% to test on are given no figure",
            7: "songs are split by chance, so that artists are in both; the 100 new songs of other artists are not",
            8: "the new songs were chosen by the same hands as the old ones",
        },
        "its own 1000 songs, which cannot be had; here gtzan_160, and all of GTZAN by the public table of numbers",
        "numbers, network and shares are stated; the public table needs no audio",
        "30 s and 3 s clips are both described, in conflict; of the ResNet nothing is",
        "accuracy and recall of the new songs must be equal and are not; and its songs cannot be heard",
    ),
    "turin": Sheet(
        "Turin: SVM on thirty numbers, and a CRNN",
        {
            2: "the thirty numbers were rescaled over the whole set before the folds were made (undone here)",
            7: "songs are split whole, with their artists in both parts; of artist20 the split by album is stricter",
            4: "GTZAN's repeats are split by chance as all others are",
            8: "a thousand repeats measure the luck of folds, not that of other songs",
        },
        "GTZAN by song; artist20 by song and by album, which is to be had on request alone",
        "the split by song keeps recordings whole, and the features have a paper",
        "epochs, batch and optimiser are not given, and five turns of the augmented CRNN are two hours of two cores",
        "what augmentation adds, {turin-augmented-above-plain} over all five turns, and whether the CRNN is above the "
        "SVM, {turin-crnn-above-svm}: both intervals hold 0",
    ),
    "blog": Sheet(
        "The post on windows of 100 ms",
        {
            7: "windows that overlap by half are split by chance: a test window's own sound is in training",
            1: "“62% on the validation set”, which stopped the training",
            8: "a window of 100 ms is not what anybody asks the genre of; by song the same network is another figure",
        },
        "GTZAN, 599 windows a track",
        "filters, their width and the optimiser are given",
        "128 “FFT components” may be mels or n_fft, hop and decibel are not named: power mels are the main reading, "
        "two others stand beside it",
        "how many epochs: the post saw nothing gained after the eighth; of 25 here the best is, in the mean of three "
        "trainings, number {blog-late-epochs}",
    ),
    "stanford": Sheet(
        "Stanford: genre and mood",
        {
            7: "4074 and twice 225 slices of 450 songs drawn by chance: nearly every test song is in training",
            1: "several networks were tried; which part chose among them is not said",
            8: "mood is one number of another firm, cut in three: it need not be what a listener feels",
        },
        "450 clips of the Free Music Archive, six genres; which ones is not said, and their audio is not at hand here",
        "number of layers, size of kernels, rate and penalty are given; a quarter of the songs happy, by FMA's own "
        "table: {stanford-quarter-happy}",
        "4074 and twice 225 slices are more than 450 songs have, and accuracy is said to be of songs",
        f"every accuracy: {page.YET} on real audio, for want of the songs",
        "nothing here, for want of the songs; what slices by chance let through, the sheets of IDC and the post show",
    ),
}  # fmt: skip


def sheets_section(rows: pd.DataFrame) -> str:
    """Write every report's sheet; figures are accuracies on gtzan_160, from the loosest split to the strictest."""
    figures, reports = _figures(), read_claims()["report"]
    shown = {report: [] for report in reports}
    for system, claim in headline_claims().items():
        shown[reports[claim]].append(_accuracies(system, rows))
    return "\n".join(_sheet(report, " · ".join(words), figures) for report, words in shown.items())


def _sheet(report, shown, figures):
    sheet = SHEETS.get(report)
    if sheet is None:
        return f"### {report}\n\n- **Shown by**: {shown or page.YET}.\n- No sheet is written yet.\n"
    lines = [f"- **{kind}, {KINDS[kind]}**: {words}." for kind, words in sheet.leakage.items()]
    lines += [f"- **Shown by**: {shown or sheet.shown}.", f"- **Scope**: {sheet.scope}.", f"- **Easy**: {sheet.easy}."]
    lines += [f"- **Hard**: {sheet.hard}.", f"- **Open**: {sheet.remains}."]
    return f"### {sheet.title}\n\n" + "\n".join(lines).format_map(figures) + "\n"


def _accuracies(system, rows):
    """Write a system's accuracies at the level of its claim, that on validation first."""
    own = rows[rows["system"] == system]
    if own.empty:
        return f"`{system}` {page.YET}"
    level = own.sort_values("is_report", kind="stable")["level"].iloc[-1]
    own = own[own["level"] == level].set_index(["unit", "part"])["mean"]
    keys = [(unit, part) for unit in page.UNITS for part in ("validation", "test") if (unit, part) in own.index]
    words = [f"{own[unit, part]:.2f} by {unit}" + (", validation" if part != "test" else "") for unit, part in keys]
    return f"`{system}`, {page.COUNTED[level, 'test']}: {'; '.join(words)}"


def _figures():
    """Give claim, and "claim by split", → the recorded mean and interval in words."""
    words = defaultdict(lambda: page.YET)
    for claim, record in (read_records(page.RUN) if page.RUN.is_dir() else {}).items():
        sign = "+" if "difference" in record["metric"] else ""
        for key, part in {"": record, **record["other_protocols"]}.items():
            if part.get("mean") is not None:
                said = f"{part['mean']:g}"
                if part["ci95"]:
                    said = "{:{sign}.3f} ({:{sign}.3f} to {:{sign}.3f})".format(part["mean"], *part["ci95"], sign=sign)
                words[f"{claim} by {key}" if key else claim] = said
    return words
