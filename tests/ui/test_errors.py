"""Whatever goes wrong is told in words a person can use, and can be copied for the makers."""

import sys

import pytest

from ui.errors import failure_of, install_excepthook, report_text
from zeroapp.errors import Failure, ModelError


def test_our_own_errors_keep_their_words():
    error = ModelError("no-network", title="There is no network.", hint="Try later.", detail="x")
    assert failure_of(error) == Failure(
        code="no-network", title="There is no network.", hint="Try later.", detail="x"
    )


def test_a_report_holds_everything():
    text = report_text(Failure(code="c", title="T.", hint="H.", detail="trace"))
    assert text == "c\nT.\nH.\n\ntrace\n"
    assert report_text(Failure(code="c", title="T.", hint="H.")).endswith("H.\n")


@pytest.mark.parametrize(("error", "shown"), [(ValueError("odd"), 1), (KeyboardInterrupt(), 0)])
def test_uncaught_errors_are_shown_and_ctrl_c_is_not(monkeypatch, error, shown):
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    monkeypatch.setattr(sys, "__excepthook__", lambda *_args: None)
    failures = []
    install_excepthook(failures.append)
    sys.excepthook(type(error), error, None)
    assert [failure.code for failure in failures] == ["unexpected"] * shown
