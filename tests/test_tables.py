import pytest

from genrelib import tables
from genrelib.errors import GenrelibError


def test_tables_are_found_in_a_checkout_and_in_a_package(tmp_path, monkeypatch):
    package = tmp_path / "genrelib"
    monkeypatch.setattr(tables, "PACKAGE", package)
    with pytest.raises(GenrelibError) as error:
        tables.table_path("claims.csv")
    beside, inside = tmp_path / "data/claims.csv", package / "data/claims.csv"
    assert str(beside) in str(error.value) and str(inside) in str(error.value)
    for place in (beside, inside):  # a package's own tables come before what lies beside it
        place.parent.mkdir(parents=True)
        place.touch()
        assert tables.table_path("claims.csv") == place
