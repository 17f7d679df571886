"""The versions that requirements.txt admits, and those that these tests run on."""

import os
import re
import tomllib
from importlib.metadata import version

import pytest

from tests.making import ROOT

HEADING = "Minimum and newest versions"
REQUIRED = {
    match[1]: {"least": match[2], "below": match[3]}
    for line in (ROOT / "requirements.txt").read_text().splitlines()
    if (match := re.fullmatch(r"([\w-]+)>=([\d.]+)(?:,<([\d.]+))?", line))
}
EXTRA = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["test"]
COLAB = {"tensorflow": "2.19", "keras": "3.10"}  # what Colab has, on Python 3.12
WHICH = os.environ.get("GENRELIB_VERSIONS", "")  # oldest, colab: what this environment was made for


def parts(text):
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def test_every_requirement_has_a_least_version():
    """Each line of requirements.txt names the least version; comments aside there is nothing else in it"""
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert len(lines) == len(REQUIRED) >= 18


@pytest.mark.parametrize("package", REQUIRED)
def test_what_is_installed_is_admitted(package):
    """What is installed lies in the range"""
    limits, installed = REQUIRED[package], parts(version(package))
    assert installed >= parts(limits["least"])
    assert limits["below"] is None or installed < parts(limits["below"])


@pytest.mark.parametrize("package", COLAB)
def test_colabs_pair_is_admitted(package):
    """The pair of TensorFlow and Keras that Colab has lies in the ranges"""
    limits, there = REQUIRED[package], parts(COLAB[package])
    assert parts(limits["least"]) <= there < parts(limits["below"])


def test_constraints_are_admitted():
    """The versions that were tested together lie in the ranges"""
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), flags=re.MULTILINE))
    assert set(REQUIRED) <= set(pinned)
    for package, limits in REQUIRED.items():
        assert parts(limits["least"]) <= parts(pinned[package])
        assert limits["below"] is None or parts(pinned[package]) < parts(limits["below"])


@pytest.mark.skipif(WHICH != "oldest", reason="the environment of `make test-oldest` alone")
@pytest.mark.parametrize("package", REQUIRED)
def test_oldest_are_the_oldest(package):
    """In `make test-oldest` each package is of the least version that there is in the range"""
    least = parts(REQUIRED[package]["least"])
    assert parts(version(package))[: min(2, len(least))] == least[:2]


@pytest.mark.skipif(WHICH != "colab", reason="the environment of `make test-colab` alone")
@pytest.mark.parametrize("package", COLAB)
def test_colab_is_colab(package):
    """In `make test-colab` TensorFlow and Keras are Colab's"""
    assert parts(version(package))[:2] == parts(COLAB[package])
