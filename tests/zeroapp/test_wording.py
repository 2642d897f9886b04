"""Commands in hints can be typed, or pasted, as they stand."""

import shlex
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from zeroapp.wording import typed


@pytest.mark.parametrize("name", ["plain", "my project", "Jörg's $HOME", "a&b; rm", "“nice”"])
def test_a_path_is_one_word_of_a_command(name):
    path = PurePosixPath("/home/ada", name)
    assert shlex.split(f"zeroapp train {typed(path)}")[2:] == [str(path)]


def test_a_path_without_anything_special_stays_as_it_is():
    assert typed(PurePosixPath("/home/jo-1/x.y")) == "/home/jo-1/x.y"
    assert typed(PureWindowsPath(r"C:\Users\Jörg_1\x-y.z")) == r"C:\Users\Jörg_1\x-y.z"


@pytest.mark.parametrize("name", ["my project", "tom & ann", "100%", "a;b", "(copy)", "it's"])
def test_windows_takes_such_a_path_in_quotation_marks(name):
    assert typed(PureWindowsPath("C:\\", name)) == f'"C:\\{name}"'
