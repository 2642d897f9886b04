"""The description of a project's data, in the shape that Croissant's makers read without a word."""

import json
import re
from pathlib import Path

import pytest

from zeroapp.data.checks import check
from zeroapp.data.importing import import_paths
from zeroapp.govern.croissant import describe_data, write_description
from zeroapp.project import Project
from zeroapp.work import Silent


@pytest.fixture
def described(tmp_path):
    """Two tables, of one of which somebody has said where it comes from."""
    for name, comma in (("rows.csv", ","), ("more rows.tsv", "\t")):
        lines = [f"{name} text {n}{comma}{'ab'[n % 2]}{comma}{n}" for n in range(20)]
        (tmp_path / name).write_text("\n".join([comma.join(("text", "kind", "n")), *lines]))
    with Project.create(tmp_path / "p") as project:
        (tmp_path / "bad.zip").write_text("no archive, so it is none of the data's files")
        names = ("bad.zip", "rows.csv", "more rows.tsv")
        import_paths(project, [tmp_path / name for name in names], Silent())
        project.set_roles({"text": "text", "label": "kind"})
        check(project, Silent(), count_tokens=lambda texts: [1 for _ in texts], limit=128)
        (sha,) = (file.sha256 for file in project.files() if file.name == "rows.csv")
        project.store.state_origin(sha, source="our mailbox", licence="own")
        write_description(describe_data(project), tmp_path / "c.json")
    return json.loads((tmp_path / "c.json").read_text("utf-8"))


def test_files_are_named_by_a_path_with_their_checksum_and_form(described, tmp_path):
    first, second = described["distribution"]
    assert Path(first["contentUrl"]) == tmp_path / "rows.csv"
    assert re.fullmatch("[0-9a-f]{64}", first["sha256"])
    assert (first["encodingFormat"], second["encodingFormat"]) == (
        "text/csv",
        "text/tab-separated-values",
    )


def test_every_column_of_every_table_is_a_field_that_points_to_its_file(described):
    assert [one["@id"] for one in described["recordSet"]] == ["rows-0", "rows-1"]
    for number, records in enumerate(described["recordSet"]):
        fields = {one["@id"]: one for one in records["field"]}
        assert set(fields) == {f"rows-{number}/{name}" for name in ("text", "kind", "n")}
        for name, field in fields.items():
            assert field["source"] == {
                "fileObject": {"@id": f"file-{number}"},
                "extract": {"column": name.partition("/")[2]},
            }
        assert fields[f"rows-{number}/n"]["dataType"] == "sc:Float"


def test_what_the_makers_library_recommends_is_there(described):
    # semantic versioning has room for our name of the version behind the plus
    assert re.fullmatch(r"1\.0\.0\+[0-9a-f]{16}", described["version"])
    assert described["citeAs"] == "our mailbox"
    assert {"equivalentProperty", "samplingRate"} <= set(described["@context"])
