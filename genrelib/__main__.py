"""The commands for everyday use: ``genrelib COMMAND`` or ``python -m genrelib COMMAND``; ``--help`` lists them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from genrelib._base.errors import GenrelibError
from genrelib._base.paths import RUNS, shown


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, the command line's unless given, and give its exit code; see `exit_code`."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal, pipe or log that does not know all letters shows their codes
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    return exit_code(options.run, options)


def exit_code(command: Callable, *arguments: object) -> int:
    """Give a command's exit code, None being 0; a refusal of genrelib's becomes one line on standard error and a 1."""
    try:
        return command(*arguments) or 0
    except GenrelibError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # who reads has enough, such as `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python's own flush at its end would fail
        return 1
    except OSError as error:
        if not error.filename:
            raise
        print(f"{error.filename}: {error.strerror}; check the path and who may read and write it", file=sys.stderr)
        return 1


def _reproduce(options):
    from genrelib.datasets import best_collection, load_collection
    from genrelib.reports.run import named_notebooks, reproduce

    named_notebooks(options.notebooks)  # a wrong number is told before a demo is made
    asked = options.collection
    name, reason = (asked, "as asked") if asked else best_collection(options.data)
    print(f"collection: {name} ({reason})", flush=True)
    load_collection(name, options.data)  # what is missing is said before anything runs
    reproduce(name, notebooks=options.notebooks, seeds=options.seeds, data=options.data, folder=options.folder)


def _data(options):
    from genrelib.datasets import best_collection, download_collection

    name = options.collection or "gtzan_mini"
    folder = download_collection(name, options.data)
    print(f"{name} lies in {shown(folder)}; the best collection at hand is now {best_collection(options.data)[0]}")


def _check(options):
    from genrelib.datasets import best_collection, check_collection

    name = options.collection
    if not name:
        name, reason = best_collection(options.data)
        print(f"collection: {name} ({reason})")
    table = check_collection(name, options.data)
    kinds = table["state"].str.split(":").str[0]
    faults = table["known_fault"] != ""
    by_genre = table["genre"].groupby([table["genre"], kinds]).size().unstack(fill_value=0)
    by_genre["known fault"] = faults.groupby(table["genre"]).sum()
    print(by_genre.rename_axis(columns=None).to_string(), end="\n\n")
    for row in table[(kinds != "ok") | faults].itertuples():
        print(f"{row.Index}: {row.state}" + (f"; known fault: {row.known_fault}" if row.known_fault else ""))
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.value_counts().items())
    print(f"{name}: {counts}; known faults among them: {faults.sum()}")
    return int(not table["state"].str.startswith(("ok", "left out")).all())


def _classify(options):
    from genrelib.classify.command import classify_songs

    return classify_songs(options.songs, model=options.model, top=options.top, as_json=options.json, as_csv=options.csv)


def _table(options):
    from genrelib._base.tensorflow import tf
    from genrelib.reports.toronto.public_table import measure, readme_section

    tf.get_logger().setLevel("ERROR")  # that a new network is traced anew is no news
    content = measure(options.path, folder=options.folder)
    print("\n" + readme_section(content) + "\nkept in " + shown(options.folder or RUNS / content["collection"]))


def _words(text):
    return text.replace(",", " ").split()


def _seeds(text):
    from genrelib._base.deal import refuse_seeds

    if not all(word.isdecimal() for word in _words(text)):
        raise argparse.ArgumentTypeError(f"seeds are whole numbers from 0 on, such as 0,1,2; given {text!r}")
    seeds = [int(word) for word in _words(text)]
    try:
        refuse_seeds(seeds)
    except GenrelibError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return seeds


def _path(text):
    if not text.strip():
        raise argparse.ArgumentTypeError("a path is empty; name a file or folder")
    return text


def _parser():
    parser = argparse.ArgumentParser(prog="genrelib", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name, run, words):
        added = commands.add_parser(name, help=words, description=words)
        added.set_defaults(run=run)
        return added

    def on_collection(added, *, default):
        added.add_argument("--collection", default="", help=f"a name, or a folder of your own; {default} unless given")
        added.add_argument("--data", type=_path, help="where collections lie; data/ unless given")

    reproduce = command("reproduce", _reproduce, "run the notebooks on a collection")
    on_collection(reproduce, default="the best one at hand")
    reproduce.add_argument("--notebooks", type=_words, default=[], help='numbers, such as "01 04"; all unless given')
    reproduce.add_argument("--seeds", type=_seeds, default=[], help="such as 0,1,2; the notebooks' own unless given")
    reproduce.add_argument("--folder", type=_path, help="where results go; runs/<collection> unless given")
    on_collection(command("data", _data, "fetch a collection from its public mirrors"), default="gtzan_mini")
    on_collection(command("check", _check, "tell the state of a copy, track by track"), default="the best one at hand")
    classify = command("classify", _classify, "name the likeliest genres of songs")
    classify.add_argument("songs", nargs="+", metavar="SONG", help="audio files, folders of them; - for standard input")
    form = classify.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--csv", action="store_true", help="print a table")
    classify.add_argument("--model", type=_path, help="embedded, pretrained or a .keras file; the best unless given")
    classify.add_argument("--top", type=int, default=3, help="genres a song")
    table = command("table", _table, "measure on GTZAN's public table of features, which needs no audio")
    table.add_argument("path", type=_path, metavar="CSV", help="features_30_sec.csv of Kaggle's GTZAN dataset")
    table.add_argument("--folder", type=_path, help="where figures go; runs/<name of the table> unless given")
    return parser


if __name__ == "__main__":
    sys.exit(main())
