"""docs/security.md says of every case which test answers it, or why it waits: held against the tests and the cases."""

import re
from pathlib import Path

from tests.attacks.cases import ROOT, shared

ROW = re.compile(
    r"\| ([a-z0-9_]+-\d\d) \| (critical|high|medium|low) \| [^|]+ "
    r"\| (?:((?:`tests/[^`]+::test_\w+`(?:, )?)+)|waits: [^|]+) \|"
)
TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
ROWS = {found[1]: found for line in TEXT.splitlines() if (found := ROW.fullmatch(line))}
TEST = re.compile(r"`(tests/[^`]+)::(test_\w+)`")
DEFINED = re.compile(r"^def (test_\w+)", re.MULTILINE)


def defined_in(path: Path) -> set[str]:
    return set(DEFINED.findall(path.read_text("utf-8")))


def test_each_test_the_table_names_is_there() -> None:
    assert len(ROWS) >= 90
    for case_id, row in ROWS.items():
        for path, name in TEST.findall(row[3] or ""):
            assert name in defined_in(ROOT / path), case_id


def test_each_case_a_test_names_is_in_the_table() -> None:
    for path in sorted((ROOT / "tests" / "attacks").glob("test_*.py")):
        for name in defined_in(path):
            if named := re.match(r"test_([a-z0-9]+(?:_event|_out)?)_(\d\d)_", name):
                row = ROWS[f"{named[1]}-{named[2]}"]
                assert str(path.relative_to(ROOT)) in dict(TEST.findall(row[3] or "")), name


def test_the_table_has_each_case_by_its_severity() -> None:
    for case_id, case in shared().items():
        assert ROWS[case_id][2] == case["severity"]


def test_the_counts_by_group_are_those_of_the_table() -> None:
    for group in {case_id.rpartition("-")[0] for case_id in ROWS}:
        of_group = [bool(row[3]) for case_id, row in ROWS.items() if case_id.rpartition("-")[0] == group]
        assert f"\n| {group} | {sum(of_group)} | {len(of_group) - sum(of_group)} |\n" in TEXT
    passing = sum(bool(row[3]) for row in ROWS.values())
    assert f"| **all** | **{passing}** | **{len(ROWS) - passing}** |" in TEXT
