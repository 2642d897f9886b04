"""A guard for the pin of PySide6: 6.12.0 steals references on Python 3.11 until Python aborts."""

import os
import subprocess
import sys

# 500 calls stay far below the some 5,200 after which 6.12.0 aborts, and a sound one takes none.
CODE = """
import sys
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label, before = QLabel(), sys.getrefcount(None)
for _ in range(500):
    label.setText("x")
print(before - sys.getrefcount(None))
"""


def test_pyside_does_not_steal_references():
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 250  # half of the calls: 6.12.0 loses one reference a call
