"""Find the small tables that travel with the package: the claims, and what is known of each GTZAN track."""

from pathlib import Path

from genrelib.errors import GenrelibError

PACKAGE = Path(__file__).resolve().parent


def table_path(name):
    """Find one of the small tables of ``data/``.

    Parameters
    ----------
    name : str
        Path below the folder of tables, such as ``"claims.csv"`` or ``"gtzan/index.csv"``.

    Returns
    -------
    Path
        ``genrelib/data/<name>`` in an installed package, ``data/<name>`` beside the package in a checkout.

    Raises
    ------
    GenrelibError
        In neither place; the message names both.
    """
    # The package's own folder comes first: beside an installed package lie other people's folders.
    places = [PACKAGE / "data" / name, PACKAGE.parent / "data" / name]
    for place in places:
        if place.is_file():
            return place
    raise GenrelibError(
        f"the table {name!r} comes with genrelib; it is neither at {places[0]} (an installed package) nor at "
        f"{places[1]} (a checkout); install genrelib again, or restore the file with git"
    )
