"""The file that opens a project with a double click."""

from zeroapp import project_file
from zeroapp.project import Project


def test_a_new_project_has_one_and_it_leads_back(tmp_path):
    with Project.create(tmp_path / "Complaints", task="text_classification") as project:
        file = project.folder / project_file.NAME
        assert project_file.folder_of(file) == project.folder


def test_it_works_where_the_project_was_moved(tmp_path):
    Project.create(tmp_path / "old name", task="text_classification").close()
    moved = (tmp_path / "old name").rename(tmp_path / "neuer Name äöü")
    assert project_file.folder_of(moved / project_file.NAME) == moved


def test_one_that_was_renamed_stays_the_only_one(tmp_path):
    (tmp_path / "mine.zeroapp").write_text("{}")
    project_file.put(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.zeroapp"]


def test_other_files_lead_nowhere(tmp_path):
    table = tmp_path / "rows.csv"
    table.write_text("a,b\n")
    assert project_file.folder_of(table) is None
    assert project_file.folder_of(tmp_path / "gone.zeroapp") is None
