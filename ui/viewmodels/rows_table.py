"""The rows of a project as a Qt table model: any number of them, read a page at a time."""

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from zeroapp.data.examples import FILE_COLUMN, place_of
from zeroapp.data.store import Store
from zeroapp.dataset import Row
from zeroapp.pictures import is_stored_name

PAGE = 128
KEPT_PAGES = 64
Index = QModelIndex | QPersistentModelIndex
_TIP = 600
_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.EditRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.DecorationRole,
    Qt.ItemDataRole.AccessibleTextRole,
)


class RowsTable(QAbstractTableModel):
    """Knows the ids of its rows and fetches cells by id when they are looked at.

    edit(row id, column, text): called when a cell was changed in place; it says whether it was.
    """

    def __init__(
        self, edit: Callable[[int, str, str], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._edit = edit
        self._store: Store | None = None
        self._ids: array[int] = array("q")
        self._columns: tuple[str, ...] = ()
        self._pages: OrderedDict[int, list[Row]] = OrderedDict()

    def show(self, store: Store | None, *, ids: "array[int]", columns: Sequence[str]) -> None:
        """Show these rows; the old ones are forgotten."""
        self.beginResetModel()
        self._store, self._ids, self._columns = store, ids, tuple(columns)
        self._pages.clear()
        self.endResetModel()

    def renew(self) -> None:
        """Cells may say something else now; which rows there are has not changed."""
        self._pages.clear()
        if self._ids:
            last = self.index(len(self._ids) - 1, max(0, len(self._columns) - 1))
            self.dataChanged.emit(self.index(0, 0), last)

    def ids(self, rows: Sequence[int]) -> list[int]:
        """The ids of the rows at these places."""
        return [self._ids[row] for row in rows if 0 <= row < len(self._ids)]

    def place(self, row_id: int) -> int:
        """Where a row stands, -1 when it is not shown. Ids are in order."""
        at = bisect_left(self._ids, row_id)
        return at if at < len(self._ids) and self._ids[at] == row_id else -1

    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return self._columns

    def row(self, at: int) -> Row:
        """The row at a place; fetches its page when nobody looked there before."""
        number, offset = divmod(at, PAGE)
        page = self._pages.get(number)
        if page is None:
            assert self._store is not None
            ids = self._ids[number * PAGE : (number + 1) * PAGE]
            page = self._pages[number] = self._store.rows_of(ids)
            if len(self._pages) > KEPT_PAGES:
                self._pages.popitem(last=False)
        self._pages.move_to_end(number)
        return page[offset]

    # --- what Qt asks --------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """How many rows are shown."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many columns there are."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a cell says; its tool tip is the whole text, its line ends shown as spaces.

        Of a picture: where it lies (DecorationRole), and in words what it is called.
        """
        wanted = Qt.ItemDataRole
        if role not in _ROLES:
            return None
        cells = self.row(index.row()).cells
        text = cells.get(self._columns[index.column()], "")
        if is_stored_name(text):
            return self._picture(text, called=cells.get(FILE_COLUMN, ""), role=role)
        if role in (wanted.DecorationRole, wanted.AccessibleTextRole):
            return None
        if role == wanted.DisplayRole:
            return text[:_TIP].replace("\n", " ")
        return text if role == wanted.EditRole else text[:_TIP]

    def _picture(self, name: str, *, called: str, role: int) -> str:
        if role == Qt.ItemDataRole.DecorationRole:
            assert self._store is not None
            return place_of(name, project=self._store.path.parent)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"Picture {called}".strip()
        return name

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """The columns' names; at the side the numbers of the rows, which search does not change."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return self._columns[section]
        return f"{self._ids[section]:,}"

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every cell can be chosen, and edited unless it is a picture."""
        free = super().flags(index)
        if index.data(Qt.ItemDataRole.DecorationRole):
            return free
        return free | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A cell was edited in place."""
        if role != Qt.ItemDataRole.EditRole:
            return False
        (row,) = self.ids([index.row()])
        return self._edit(row, self._columns[index.column()], str(value))
