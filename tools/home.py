"""Write the address of this repository's public home wherever it is used: ``make home URL=https://github.com/…/…``.

It stands in one place, pyproject's ``[project.urls]``. Badges and set-up cells of the notebooks, CITATION.cff and
README have it from there.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path

from genrelib.__main__ import exit_code
from genrelib._base.caching import file_when_whole
from genrelib._base.errors import GenrelibError
from genrelib._base.paths import CHECKOUT, shown
from tools.readme import replaced

FORM = r"https://github\.com/([\w.-]+/[\w.-]+?)(\.git)?/?"  # Colab opens notebooks of GitHub
COLAB = "https://colab.research.google.com"


def home(checkout: Path = CHECKOUT) -> str:
    """Give the address in pyproject's urls, or an empty text where there is none yet."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project.get("urls", {}).get("Repository", "")


def write_home(url: str, checkout: Path = CHECKOUT) -> list[Path]:
    """Write an address into every file that names it, in place of the one before.

    Parameters
    ----------
    url : str
        ``https://github.com/OWNER/NAME``.
    checkout : Path

    Returns
    -------
    list of Path
        The files that changed.

    Raises
    ------
    GenrelibError
        No such address.
    """
    form = re.fullmatch(FORM, url)
    if not form:
        raise GenrelibError(f"the home is https://github.com/OWNER/NAME, not {url!r}: make home URL=…")
    name = form[1]
    url, changed = f"https://github.com/{name}", []
    for path in (checkout / "pyproject.toml", checkout / "CITATION.cff", checkout / "README.md",
                 *sorted((checkout / "notebooks").glob("*.ipynb"))):  # fmt: skip
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            new = _notebook(text, url, f"{COLAB}/github/{name}/blob/main/notebooks/{path.name}")
        elif path.suffix == ".toml":
            new = re.sub(r"(\[project\.urls\]\n)(Repository = .*\n)?", rf'\1Repository = "{url}"\n', text)
        elif path.suffix == ".cff":
            new = re.sub(r"^repository-code: .*\n", "", text, flags=re.MULTILINE)
            new = new.replace("license: ", f"repository-code: {url}\nlicense: ", 1)
        else:
            badge = _badge(f"{COLAB}/github/{name}/blob/main/notebooks/00_start_here.ipynb")
            new = replaced(text, "home", f"{badge}\n\n    git clone {url}\n")
        if new != text:
            with file_when_whole(path) as temporary:
                temporary.write_text(new, encoding="utf-8")
            changed.append(path)
    return changed


def _badge(address):
    return f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]({address})"


def _notebook(text, url, address):
    content = json.loads(text)
    cells = [cell for cell in content["cells"] if cell["id"] != "badge"]
    badge = {"cell_type": "markdown", "id": "badge", "metadata": {}, "source": [_badge(address)]}
    for cell in cells:
        cell["source"] = [_source(line, url) for line in cell["source"]]
    content["cells"] = [cells[0], badge, *cells[1:]]
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _source(line, url):
    return f'SOURCE = "git+{url}"  # genrelib\'s home\n' if line.startswith("SOURCE = ") else line


def main(arguments: list[str] | None = None) -> None:
    """Write the address that the command line names."""
    urls = sys.argv[1:] if arguments is None else arguments
    for path in write_home(urls[0] if urls else ""):
        print(shown(path))


if __name__ == "__main__":
    sys.exit(exit_code(main))
