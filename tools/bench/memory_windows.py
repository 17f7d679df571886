"""Work out the windows of a demo of GTZAN's size, train one epoch, and print the peaks of anonymous memory as JSON.

Run in a process of its own: ``python -m tools.bench.memory_windows DATA CACHE``. Peaks are in MiB.
"""

import json
import sys

from tools.bench.memory import anonymous_mib, peak_of
from tools.bench.rows_process import LARGE


def main(data, cache):
    """Do the work and print the peaks."""
    import genrelib as gl

    with peak_of() as cut:
        collection = gl.load_collection("demo", data, **LARGE, progress=False)
        windows = gl.cut_windows(collection, cache=cache, progress=False)
    with peak_of() as trained:
        model = gl.models.window_cnn1d(**windows.input_sizes, n_classes=len(windows.genres))
        imported = anonymous_mib()
        fold = gl.split_slices(windows, "slice", 0.2, 0.25)
        gl.train(model, windows, fold, epochs=1, batch_size=256, monitor="val_accuracy")
        gl.evaluate(model, windows, fold.test)
    peaks = {"n_slices": len(windows), "cut": cut[0], "imported": imported, "peak": max(cut[0], trained[0])}
    print(json.dumps(peaks))


if __name__ == "__main__":
    main(*sys.argv[1:])
