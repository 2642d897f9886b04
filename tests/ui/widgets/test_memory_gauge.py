"""The gauge says whether it fits, in words and not by colour alone."""

import pytest
from PySide6.QtCore import Qt

from ui.shown import GaugeData, GaugePart
from ui.widgets.memory_gauge import MemoryGauge

MIB = 2**20


def data(available):
    parts = (
        GaugePart(title="The training program", bytes=430 * MIB),
        GaugePart(title="The model itself", bytes=90 * MIB),
    )
    return GaugeData(parts=parts, available=available * MIB)


@pytest.fixture
def gauge(qtbot):
    gauge = MemoryGauge()
    qtbot.addWidget(gauge)
    gauge.resize(600, 160)
    gauge.show()
    return gauge


def test_it_tells_parts_sum_and_verdict(gauge):
    gauge.show_data(data(8192))
    said = gauge.accessibleDescription()
    assert said.startswith("Needs 520 MB of 8.0 GB that are free. It fits.")
    assert "The training program 430 MB; The model itself 90 MB" in said


def test_it_says_when_it_does_not_fit(gauge):
    gauge.show_data(data(400))
    assert "It does not fit." in gauge.accessibleDescription()
    # What is missing is hatched: some pixels of the last fifth differ from their neighbours.
    bar = gauge._bar().toRect()
    image = gauge.grab(bar).toImage()
    x, y = int(image.width() * 0.9), image.height() // 2
    row = {image.pixelColor(x + dx, y).name() for dx in range(12)}
    assert len(row) > 1


def test_a_sliver_is_shown_large_below(gauge):
    gauge.show_data(data(64_000))
    whole, parts = gauge._whole(), gauge._segments()
    assert parts[0].top() > whole.bottom()
    assert sum(part.width() for part in parts) == pytest.approx(whole.width())


def test_a_large_need_is_drawn_to_scale(gauge):
    gauge.show_data(data(1040))
    parts = gauge._segments()
    # 520 of 1,040 MB: half of the bar.
    assert sum(part.width() for part in parts) == pytest.approx(gauge._whole().width() / 2)


def test_arrow_keys_walk_over_the_parts(gauge, qtbot):
    gauge.show_data(data(8192))
    gauge.setFocus()
    qtbot.keyClick(gauge, Qt.Key.Key_Right)
    assert gauge._chosen == 0
    qtbot.keyClick(gauge, Qt.Key.Key_Right)
    qtbot.keyClick(gauge, Qt.Key.Key_Right)
    assert gauge._chosen == 0  # around
    qtbot.keyClick(gauge, Qt.Key.Key_Left)
    assert gauge._chosen == 1


def test_a_narrow_gauge_wraps_its_legend(gauge):
    gauge.show_data(data(8192))
    assert gauge.heightForWidth(200) > gauge.heightForWidth(900)
