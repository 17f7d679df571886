import json

import pytest

from genrelib._base import paths as tables
from genrelib._base.errors import ResultError
from genrelib.results.claims import read_claims
from genrelib.results.records import check_record, read_records
from tests.results.test_recording import recorded


@pytest.mark.parametrize(("change", "words"), [
    (lambda c: {k: v for k, v in c.items() if k != "mean"}, "missing.*mean"),
    (lambda c: c | {"colour": "red"}, "not of a record"),
    (lambda c: c | {"seeds": "0"}, "seeds is '0'; it must be of type list"),
    (lambda c: c | {"is_demo": 0}, "is_demo"),
    (lambda c: c | {"mean": 0.123}, "the record has 0.123"),
    (lambda c: c | {"mean": True}, "mean is True"),
    (lambda c: c | {"mean": None}, "the record has None"),
    (lambda c: c | {"values": []}, "one value a seed"),
    (lambda c: c | {"ci95": [0.9, 0.1]}, "low, high"),
    (lambda c: c | {"claimed": 0.99}, "in claims.csv 0.8"),
    (lambda c: c | {"claim_id": "idc-mel-cnn2d"}, "its claim's name"),
    (lambda c: c | {"other_protocols": {"artist": {"not_measured": 3}}}, "other_protocols, artist: not_measured"),
    (lambda c: c | {"other_protocols": {"artist": {"values": [1]}}}, "other_protocols, artist: missing.*mean"),
    (lambda c: c | {"not_measured": "one artist a genre"}, "not measured .one artist a genre. has no figure"),
    (lambda c: c | {"own_network": "yes"}, "own_network is 'yes'; it must be of type bool"),
    (lambda c: c | {"not_measured": 3}, "not_measured is 3; it must be of type str"),
    (lambda c: [c], "JSON object"),
])  # fmt: skip
def test_malformed_records_are_refused_by_file(tmp_path, change, words):
    content = recorded(tmp_path)
    path = tmp_path / "results/idc-mel-cnn1d.json"
    check_record(content, path)
    path.write_text(json.dumps(change(content)))
    with pytest.raises(ResultError, match="(?s)idc-mel-cnn1d.json.*" + words):
        read_records(tmp_path)


def test_other_bad_folders_of_records(tmp_path):
    with pytest.raises(ResultError, match="no such folder"):
        read_records(tmp_path / "absent")
    assert read_records(tmp_path) == {}
    (tmp_path / "results").mkdir()
    for text in ("{", '{"mean": NaN}'):
        (tmp_path / "results/idc-adam.json").write_text(text)
        with pytest.raises(ResultError, match=r"idc-adam\.json: a record is JSON"):
            read_records(tmp_path)


@pytest.mark.parametrize(("old", "new", "words"), [
    ("claim_id,", "id,", "claims have the columns"),
    ("idc-mel-cnn2d", "idc-mel-cnn1d", "occurs once.*idc-mel-cnn1d"),
    (",GTZAN,yes,", ",GTZAN,no,", "headline is yes or empty"),
    (
        'idc,raw_cnn1d,genre,accuracy,,test,slice,slice,=,0.42,944,"derived: a quarter of 10,000 slices by chance is '
        'of about 944 of the 1000 tracks",GTZAN,yes,',
        "idc,mel_cnn1d,genre,accuracy,,test,slice,slice,=,0.42,,unknown,GTZAN,yes,",
        "one headline.*idc-mel-cnn1d",
    ),
    (",=,0.73", ",~,0.73", "operator is one of.*idc-mel-cnn2d"),
    (",=,0.73", ",=,", "metric and a value.*idc-mel-cnn2d"),
    (",=,0.73,944,", ",=,0.73,many,", "n_tested is a number of tracks.*idc-mel-cnn2d"),
    (",=,0.73,944,", ",=,0.73,,", "n_tested is a number of tracks.*idc-mel-cnn2d"),
    (',=,0.73,944,"derived', ',=,0.73,944,"guessed', "stated, derived, unknown.*idc-mel-cnn2d"),
    ("test,slice,slice,=,0.73", "test,song,slice,=,0.73", "split_unit.*idc-mel-cnn2d"),
    ("test,slice,slice,=,0.73", "test,slice,song,=,0.73", "level is.*idc-mel-cnn2d"),
])  # fmt: skip
def test_malformed_claims_are_refused(tmp_path, old, new, words):
    text = tables.table_path("claims.csv").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "claims.csv").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ResultError, match="(?s)" + words):
        read_claims(tmp_path / "claims.csv")
