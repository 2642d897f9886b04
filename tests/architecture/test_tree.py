"""docs/ARCHITECTURE.md names every file of the code once, with a line that says what it is for."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "ARCHITECTURE.md"
# `zeroapp/runs/launch.py   starts a worker`: a path, at least two spaces, what it is for.
LINE = re.compile(r"^((?:zeroapp|ui)/[\w./]+\.py) {2,}(\S.*)$", re.MULTILINE)


def listed() -> list[str]:
    return [path for path, _ in LINE.findall(PAGE.read_text("utf-8"))]


def there() -> list[str]:
    files = (path for top in ("zeroapp", "ui") for path in (ROOT / top).rglob("*.py"))
    # An empty __init__.py only makes a folder a package; there is nothing to say about it.
    return sorted(str(path.relative_to(ROOT)) for path in files if path.stat().st_size)


def summary(path: str) -> str:
    """The first line of the module's docstring: a start for the line that is missing."""
    first = (ROOT / path).read_text("utf-8").splitlines()[0]
    return first.strip('"').split(". ")[0].rstrip(".")


def test_every_file_has_its_line():
    missing = sorted(set(there()) - set(listed()))
    lines = "\n".join(f"{path}  {summary(path)}" for path in missing)
    assert not missing, f"add to {PAGE.relative_to(ROOT)}, in your own words:\n{lines}"


def test_every_line_has_its_file():
    assert sorted(set(listed()) - set(there())) == []


def test_no_file_is_listed_twice():
    assert [path for path, count in Counter(listed()).items() if count > 1] == []
