"""A package that is not that of the sources is not deployed."""

from pathlib import Path

import pytest

from infra.sources import digest, note, stale


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("chalicelib/a.py", "templates/page.html", ".chalice/policy-http.json", "app.py", "requirements.txt",
                 "requirements-analytics.txt", "infra/code_stack.json", "infra/data_stack.json", "infra/package.py",
                 "infra/zips.py"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.fixture
def package(tree: Path) -> Path:
    made = tree / "dist"
    made.mkdir()
    for name in ("function.zip", "analytics.zip", "data_stack.json", "code_stack.json"):
        (made / name).write_text(name)
    note(made, digest(tree))
    return made


def test_what_was_just_packed_is_not_stale(tree: Path, package: Path) -> None:
    assert stale(package, tree) == ""


@pytest.mark.parametrize("name", ["chalicelib/a.py", "templates/page.html", "infra/code_stack.json", "app.py"])
def test_a_source_that_has_changed_since_makes_it_stale(tree: Path, package: Path, name: str) -> None:
    (tree / name).write_text("changed")
    assert stale(package, tree) == "the sources have changed since the package was made"


def test_a_renamed_template_makes_it_stale(tree: Path, package: Path) -> None:
    (tree / "templates" / "page.html").rename(tree / "templates" / "other.html")
    assert stale(package, tree)


def test_what_python_or_chalice_leave_behind_is_no_source(tree: Path, package: Path) -> None:
    for name in ("chalicelib/__pycache__/a.pyc", ".chalice/deployments/x.zip"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("made")
    assert stale(package, tree) == ""


def test_a_zip_of_an_earlier_package_is_found_out(tree: Path, package: Path) -> None:
    (package / "function.zip").write_text("an older one")
    assert stale(package, tree) == "function.zip is not what was packed"


def test_without_a_package_there_is_nothing_to_deploy(tree: Path) -> None:
    assert stale(tree / "dist", tree) == "there is no package"
