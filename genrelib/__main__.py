"""The commands behind the Makefile: ``python -m genrelib COMMAND``, and ``--help`` lists them."""

import argparse
import sys

from genrelib._base.errors import GenrelibError
from genrelib._base.paths import CHECKOUT, RUNS, published, shown


def main(arguments=None):
    """Run one command.

    Returns
    -------
    int
        0; 1 when genrelib refused, with one clear message on standard error.
    """
    given = _parser().parse_args(arguments)
    try:
        return given.run(given) or 0
    except GenrelibError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def _reproduce(given):
    from genrelib.datasets import best_collection, load_collection
    from genrelib.reports.run import reproduce

    name, reason = (given.collection, "as asked") if given.collection else best_collection(given.data)
    print(f"collection: {name} ({reason})", flush=True)
    load_collection(name, given.data)  # what is missing is said before anything runs
    numbers = given.notebooks.replace(",", " ").split()
    seeds = [int(seed) for seed in given.seeds.replace(",", " ").split()]
    reproduce(name, notebooks=numbers, seeds=seeds, data=given.data)


def _data(given):
    from genrelib.datasets import best_collection, download_collection

    name = given.collection or "gtzan_mini"
    folder = download_collection(name, given.data)
    print(f"{name} lies in {shown(folder)}; the best collection at hand is now {best_collection(given.data)[0]}")


def _check(given):
    from genrelib.datasets import best_collection, check_collection

    name = given.collection or best_collection(given.data)[0]
    table = check_collection(name, given.data)
    kinds = table["state"].str.split(":").str[0]
    faults = table["known_fault"] != ""
    by_genre = table["genre"].groupby([table["genre"], kinds]).size().unstack(fill_value=0)
    by_genre["known fault"] = faults.groupby(table["genre"]).sum()
    print(by_genre.rename_axis(columns=None).to_string())
    print()
    for row in table[(kinds != "ok") | faults].itertuples():
        print(f"{row.Index}: {row.state}" + (f"; known fault: {row.known_fault}" if row.known_fault else ""))
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.value_counts().items())
    print(f"{name}: {counts}; known faults among them: {faults.sum()}")
    return int(not table["state"].str.startswith(("ok", "left out")).all())


def _scoreboard(given):
    from genrelib.reports.toronto import public_table
    from genrelib.results.scoreboard import scoreboard, update_readme, write_scoreboard

    if given.collection:
        for path in write_scoreboard(RUNS / given.collection, scoreboard({given.collection: RUNS / given.collection})):
            print(shown(path))
        return
    update_readme(CHECKOUT / "README.md", scoreboard(published()))
    public_table.update_readme(CHECKOUT / "README.md")
    print("README.md")


def _table(given):
    import tensorflow as tf

    from genrelib.reports.toronto.public_table import measure, readme_section

    tf.get_logger().setLevel("ERROR")  # that a new network is traced anew is no news
    content = measure(given.path)
    print("\n" + readme_section(content) + "\nkept in " + shown(RUNS / content["collection"]))


def _publish(given):
    from tools.publish import publish

    if not given.collection:
        raise GenrelibError("say which run to publish: make publish COLLECTION=gtzan_mini")
    for path in publish(given.collection):
        print(shown(path))


def _classify(given):
    from genrelib.classify.command import classify_songs

    return classify_songs(given.songs, model=given.model, top=given.top, as_json=given.json)


def _html(given):
    from tools.pages import write_pages

    runs = sorted(path.parent.name for path in RUNS.glob("*/00_*.ipynb"))
    for name in [given.collection] if given.collection else runs:
        print(shown(write_pages(RUNS / name)))
    if not given.collection and not runs:
        raise GenrelibError("pages show whole runs, and there is none: run `make reproduce` first")


def _pretrain(given):
    from genrelib.classify.classifier import PRETRAINED
    from genrelib.datasets import load_collection
    from tools.pretrain import pretrain
    from genrelib.slices import cut_slices

    name = given.collection or "gtzan_160"
    pretrain(cut_slices(load_collection(name, given.data)), given.to or PRETRAINED, folder=RUNS / name)
    print(shown(given.to or PRETRAINED))


def _parser():
    parser = argparse.ArgumentParser(prog="python -m genrelib", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, run, words in (
        ("reproduce", _reproduce, "run the notebooks on a collection"),
        ("data", _data, "fetch a collection from its public mirrors"),
        ("check", _check, "tell the state of a copy, track by track"),
        ("scoreboard", _scoreboard, "write a run's scoreboard, or README's from the committed results"),
        ("publish", _publish, "copy a run's figures and notebooks into results/"),
        ("html", _html, "turn a run's notebooks and scoreboard into pages"),
        ("pretrain", _pretrain, "train the small model that comes with genrelib, and write its card"),
    ):
        command = commands.add_parser(name, help=words)
        command.add_argument("--collection", default="", help="the best one at hand unless given")
        command.add_argument("--data", default=None, help="where collections lie; data/ unless given")
        if name == "reproduce":
            command.add_argument("--notebooks", default="", help='numbers, such as "01 04"; all unless given')
            command.add_argument("--seeds", default="", help="such as 0,1,2; the notebooks' own unless given")
        if name == "pretrain":
            command.add_argument("--to", default=None, help="the .keras file; the one in the package unless given")
        command.set_defaults(run=run)
    _add_classify(commands)
    table = commands.add_parser("table", help="measure on GTZAN's public table of features, which needs no audio")
    table.add_argument("path", metavar="CSV", help="features_30_sec.csv of Kaggle's GTZAN dataset")
    table.set_defaults(run=_table)
    return parser


def _add_classify(commands):
    command = commands.add_parser("classify", help="name the likeliest genres of songs")
    command.add_argument("songs", nargs="+", metavar="SONG", help="audio files, or folders of them")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--model", default=None, help="a .keras file; the one in the package unless given")
    command.add_argument("--top", type=int, default=3, help="genres a song")
    command.set_defaults(run=_classify)


if __name__ == "__main__":
    sys.exit(main())
