"""What is in the zips: all of the tree that runs, nothing else of it, and it loads as Lambda loads it."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
# Lambda's runtime brings these.
RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six.py", "urllib3")
LAMBDA_GLIBC = (2, 26)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """task/ as Lambda's /var/task, layer/ as its /opt/python, runtime/ as what Lambda has by itself."""
    folder = tmp_path_factory.mktemp("lambda")
    with zipfile.ZipFile(DIST / "function.zip") as function, zipfile.ZipFile(DIST / "analytics.zip") as layer:
        function.extractall(folder / "task")
        layer.extractall(folder / "layer")
    (folder / "runtime").mkdir()
    import botocore

    site = Path(botocore.__file__).parents[1]
    for name in RUNTIME:
        (folder / "runtime" / name).symlink_to(site / name)
    return folder


def files(folder: Path, *kinds: str) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for kind in kinds
        for path in (folder / kind).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in (".po", ".pot", ".pyc")
    }


def test_code_data_templates_and_catalogues_are_those_of_the_tree_and_nothing_else(unpacked: Path) -> None:
    packed, tree = files(unpacked / "task", "chalicelib", "templates"), files(ROOT, "chalicelib", "templates")
    assert sorted(set(packed) ^ set(tree)) == []
    assert [name for name in tree if packed[name] != tree[name]] == []
    assert (unpacked / "task" / "app.py").read_bytes() == (ROOT / "app.py").read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "chalicelib/data/openapi.json",
        "chalicelib/store/index_schema.sql",
        "templates/mail/confirmation.body.html",
        "templates/locale/zh_Hant/LC_MESSAGES/leadline.mo",
        "templates/assets/lib/chart.umd.js",
    ],
)
def test_one_of_each_kind_of_file_is_there(unpacked: Path, name: str) -> None:
    assert (unpacked / "task" / name).stat().st_size > 0


def test_nothing_of_development_goes_along(unpacked: Path) -> None:
    names = {path.name for path in (unpacked / "task").iterdir()}
    assert names.isdisjoint({"tests", "bench", "infra", "docs", "vendor", "node_modules", "boto3", "numpy", "pytest"})


def run(unpacked: Path, code: str, *more: str) -> str:
    """Run code with the zip's folder and the runtime's libraries on the path and nothing else."""
    folders = [str(unpacked / "task"), *(str(unpacked / name) for name in more), str(unpacked / "runtime")]
    start = f"import sys; sys.path[:0] = {folders!r}\n"
    done = subprocess.run([sys.executable, "-I", "-S", "-B", "-c", start + code], cwd=unpacked / "task",
                          capture_output=True, text=True, timeout=120, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


IMPORT_ALL = """
import importlib, pkgutil, chalicelib
without = []
for found in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
    if found.name.endswith("__main__"):
        continue
    try:
        importlib.import_module(found.name)
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        without.append(found.name)
print(*without)
"""


def test_every_module_loads_and_only_attribution_needs_the_layer(unpacked: Path) -> None:
    lacking = run(unpacked, IMPORT_ALL).split()
    assert lacking
    assert [name for name in lacking if not name.startswith("chalicelib.attribute.")] == []
    assert run(unpacked, IMPORT_ALL, "layer/python").split() == []


def test_every_function_of_the_template_is_where_its_handler_says(unpacked: Path) -> None:
    template = json.loads((DIST / "code_stack.json").read_text("utf-8"))
    handlers = sorted(
        resource["Properties"]["Handler"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    )
    assert len(handlers) == 9
    code = f"import importlib\nfor name in {handlers!r}:\n"
    code += "    module, _, function = name.rpartition('.')\n"
    code += "    assert callable(getattr(importlib.import_module(module), function)), name\n"
    assert run(unpacked, code + "print('numpy' in sys.modules)") == "False\n"


def test_compiled_code_is_used_though_the_folder_cannot_be_written(unpacked: Path) -> None:
    cached = run(unpacked, "import app, chalicelib.flows.submit as m; print(app.__cached__, m.__cached__)").split()
    assert all(Path(path).is_file() for path in cached)


def test_compiled_libraries_need_no_newer_c_library_than_lambdas(unpacked: Path) -> None:
    needed = {
        path.name: max(
            tuple(map(int, found)) for found in re.findall(rb"GLIBC_(\d+)\.(\d+)", path.read_bytes()) or [(2, 0)]
        )
        for path in unpacked.rglob("*.so*")
        if path.is_file() and not path.is_relative_to(unpacked / "runtime")
    }
    assert len(needed) > 10
    assert {name: version for name, version in needed.items() if version > LAMBDA_GLIBC} == {}


def test_the_sizes_are_within_their_limits(unpacked: Path) -> None:
    assert (DIST / "function.zip").stat().st_size <= 30_000_000
    total = sum(
        path.stat().st_size for part in ("task", "layer") for path in (unpacked / part).rglob("*") if path.is_file()
    )
    assert total <= 250_000_000


@pytest.mark.parametrize("name", ["data_stack.json", "code_stack.json"])
def test_cfn_lint_finds_nothing_in_the_templates_in_any_partition(name: str) -> None:
    command = [str(ROOT / ".venv-aws" / "bin" / "cfn-lint"), "-r", "us-east-1", "eu-central-1", "cn-north-1", "--"]
    done = subprocess.run([*command, str(DIST / name)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
