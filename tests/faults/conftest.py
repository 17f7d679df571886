"""A slow server, and what the writers read."""

import os
from functools import partial

import pytest

from tests.datasets.conftest import server as server
from tests.datasets.serving import local_server, slowly


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """What the writers read; see `tests.faults.writers.make_source`."""
    from tests.faults.writers import make_source

    os.environ["NO_PROXY"] = "127.0.0.1"
    folder = tmp_path_factory.mktemp("source")
    with local_server() as httpd:
        make_source(folder, f"http://127.0.0.1:{httpd.server_port}")
        httpd.route("/a.zip", partial(slowly, data=(folder / "a.zip").read_bytes()))
        yield folder
