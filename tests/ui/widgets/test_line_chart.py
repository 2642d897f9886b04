"""The chart tells its numbers to eyes, keyboard and screen reader, at most five times a second."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from ui import theme
from ui.shown import ChartData, Mark
from ui.widgets.line_chart import ChartWords, LineChart

WORDS = ChartWords(
    name="How it is learning",
    line="How wrong it still is",
    mark="Right on examples kept aside",
    quick="First quick result",
    empty="The curve begins with the first step.",
    x_axis="Steps",
)

DATA = ChartData(
    points=tuple((float(i), 2.0 / i) for i in range(1, 41)),
    marks=(
        Mark(x=0.0, share=0.9, words="right on 90 of 100", quick=True),
        Mark(x=30.0, share=0.95, words="right on 95 of 100"),
    ),
    x_max=80.0,
    live=True,
)


@pytest.fixture
def chart(qtbot):
    chart = LineChart(WORDS)
    qtbot.addWidget(chart)
    chart.resize(640, 300)
    chart.show()
    return chart


def colours(chart, rect):
    image = chart.grab(rect).toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_an_empty_chart_says_what_will_be_there(chart):
    assert chart.accessibleName() == "How it is learning"
    assert chart.accessibleDescription() == "The curve begins with the first step."


def test_the_summary_has_the_numbers(chart):
    chart.show_data(DATA)
    said = chart.accessibleDescription()
    assert "2.00 at the start, 0.05 now, 40 points up to 40 of 80" in said
    assert "First quick result: right on 90 of 100." in said
    assert "Right on examples kept aside: right on 95 of 100." in said


def test_the_curve_ends_where_the_training_is(chart):
    chart.show_data(DATA)
    line = QColor(theme.tokens().primary_text).name()
    middle = chart.width() // 2
    # 40 of 80 steps: nothing of the line may be in the right third (the axis labels are there).
    assert line in colours(chart, chart.rect().adjusted(0, 60, -middle, -40))
    assert line not in colours(chart, chart.rect().adjusted(middle + 80, 60, -60, -40))


def test_arrow_keys_walk_along_the_points(chart, qtbot):
    chart.show_data(DATA)
    chart.setFocus()
    assert chart.reading() == ""
    qtbot.keyClick(chart, Qt.Key.Key_Home)
    assert chart.reading() == "Step 1: 2.000"
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.reading() == "Step 2: 1.000"
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert chart.reading() == "Step 40: 0.050"
    qtbot.keyClick(chart, Qt.Key.Key_PageUp)
    assert chart.reading() == "Step 36: 0.056"
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.reading() == ""


def test_hovering_reads_the_nearest_point(chart, qtbot):
    chart.show_data(DATA)
    qtbot.mouseMove(chart, QPoint(chart.width() // 2 - 10, chart.height() // 2))
    assert chart.reading().startswith("Step 3")


def test_a_flood_of_points_is_painted_five_times_a_second_and_ends_complete(chart, qtbot):
    painted = []
    chart._due = lambda due=chart._due: (painted.append(1), due())[1]
    chart._timer.timeout.disconnect()
    chart._timer.timeout.connect(chart._due)
    for n in range(2, 41):
        chart.show_data(ChartData(points=DATA.points[:n], x_max=80.0))
    assert chart._dirty
    qtbot.waitUntil(lambda: "40 points" in chart.accessibleDescription(), timeout=2000)
    assert len(painted) <= 4  # the first at once, the last after 200 ms, slow machines one more


def test_going_back_to_fewer_points_forgets_a_cursor_beyond_the_end(chart, qtbot):
    chart.show_data(DATA)
    qtbot.keyClick(chart, Qt.Key.Key_End)
    chart.show_data(ChartData(points=DATA.points[:3], x_max=80.0))
    assert chart.reading() == ""
