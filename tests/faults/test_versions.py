"""The versions that the package asks for, and those that these tests run on."""

import re
import tomllib
from importlib.metadata import version

import pytest

from tests.making import ROOT

LINE = re.compile(r"([\w-]+)>=([\d.]+)(?:,<([\d.]+))?")
LINES = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and not line.startswith("#")]
REQUIRED = {match[1]: {"least": match[2], "below": match[3]} for line in LINES if (match := LINE.fullmatch(line))}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
COLAB = {"tensorflow": "2.19", "keras": "3.10"}  # what Colab has, on Python 3.12


def parts(text):
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def test_every_requirement_has_a_least_version():
    assert len(LINES) == len(REQUIRED) >= 18


def test_the_wheel_and_its_notebooks_extra_ask_for_what_requirements_txt_does():
    assert sorted([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["notebooks"]]) == sorted(LINES)


@pytest.mark.parametrize("package", REQUIRED)
def test_what_is_installed_is_admitted(package):
    limits, installed = REQUIRED[package], parts(version(package))
    assert installed >= parts(limits["least"])
    assert limits["below"] is None or installed < parts(limits["below"])


@pytest.mark.parametrize("package", COLAB)
def test_colabs_pair_is_admitted(package):
    limits, there = REQUIRED[package], parts(COLAB[package])
    assert parts(limits["least"]) <= there < parts(limits["below"])


def test_the_versions_that_were_tested_together_are_admitted():
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), flags=re.MULTILINE))
    pinned = {package.replace("-", "_"): pin for package, pin in pinned.items()}
    assert {package.replace("-", "_") for package in REQUIRED} <= set(pinned)
    for package, limits in REQUIRED.items():
        assert parts(limits["least"]) <= parts(pinned[package.replace("-", "_")])
        assert limits["below"] is None or parts(pinned[package.replace("-", "_")]) < parts(limits["below"])
