"""Zips for Lambda that are the same for the same input: sorted, undated, with compiled code inside.

/var/task is read-only, so code that comes without its .pyc is compiled anew at each cold start: `.pyc` files of the
unchecked-hash kind (PEP 552) go in beside the sources. They carry no date, and Python does not look for a newer source.
"""

import io
import py_compile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

# What Lambda never needs. Tests, type stubs and C sources are no code that runs; the locales are those of languages
# other than ours (formats.py asks for the three of languages.py alone), 30 of Babel's 33 MB.
UNUSED_ENDINGS = (".pyi", ".c", "py.typed", ".po", ".pot")
UNUSED_FOLDERS = ("icalendar/tests/", "numpy/_core/tests/", "numpy/tests/", "numpy/_core/include/", "numpy/f2py/")
OUR_LOCALES = ("root", "en", "zh")
_LOCALES = "babel/locale-data/"

Entry = tuple[str, bytes]


def needed(name: str) -> bool:
    """Whether a file of a dependency or of the project goes into the zip, by its path in it."""
    if name.endswith(UNUSED_ENDINGS) or name.startswith(UNUSED_FOLDERS):
        return False
    if "/tests/" in name and name.startswith("numpy/"):
        return False
    if name.startswith(_LOCALES):
        return name.removeprefix(_LOCALES).removesuffix(".dat").partition("_")[0] in (*OUR_LOCALES, "LICENSE.unicode")
    return True


def entries_of_zip(path: Path) -> Iterator[Entry]:
    with zipfile.ZipFile(path) as opened:
        for info in opened.infolist():
            if not info.is_dir():
                yield info.filename, opened.read(info)


def entries_of_folder(folder: Path) -> Iterator[Entry]:
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def compiled(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries, each module with its .pyc behind it. A source that does not compile goes alone (a template of
    another Python in somebody's package); the same source fails where it is imported."""
    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch, "source.py"), Path(scratch, "source.pyc")
        for name, body in entries:
            yield name, body
            if not name.endswith(".py"):
                continue
            source.write_bytes(body)
            try:
                py_compile.compile(
                    str(source), str(target), dfile=name, doraise=True,
                    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
                )  # fmt: skip
            except py_compile.PyCompileError:
                continue
            yield _cached(name), target.read_bytes()


def _cached(name: str) -> str:
    folder, _, module = name.rpartition("/")
    inside = f"__pycache__/{module.removesuffix('.py')}.cpython-311.pyc"
    return f"{folder}/{inside}" if folder else inside


def write_zip(path: Path, entries: Iterable[Entry]) -> int:
    """Write the zip; answers its size unpacked, in bytes."""
    unpacked = 0
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name, body in sorted(entries):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o100644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, body)
            unpacked += len(body)
    path.write_bytes(held.getvalue())
    return unpacked
