"""The deployable package: `python -m infra.package` writes dist/ (function.zip, analytics.zip, the two templates).

Chalice packs the app and its dependencies and makes a SAM template of the functions; infra/code_stack.json is merged
over it (what calls each function, the address, parameters). Chalice's REST API is left out: behind one every address
would begin with the stage's name, unknown paths and HEAD requests would get API Gateway's own refusals, and each of
the routes would be a resource. An HTTP API hands every request to the app, which finds the page as it does embedded.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from infra import sources
from infra.zips import compiled, entries_of_folder, entries_of_zip, needed, write_zip

ROOT = Path(__file__).absolute().parents[1]
DIST = ROOT / "dist"
MERGE = ROOT / "infra" / "code_stack.json"
DATA_STACK = ROOT / "infra" / "data_stack.json"
# The limits of the issue and of Lambda.
CORE_ZIP_BYTES = 30_000_000
UNPACKED_BYTES = 250_000_000
PYTHON = (3, 11)
_REST = ("RestAPI", "APIHandlerInvokePermission")
# Lambda's Python 3.11 runs on Amazon Linux 2, whose glibc is 2.26: nothing newer than manylinux2014 loads there.
_CHALICE = "from chalice.cli import main; main()"
_PLATFORM = "manylinux2014_x86_64"


class Broken(Exception):
    """The package would not be what the template says, in one line."""


def main() -> int:
    try:
        sizes = package()
    except Broken as error:
        print(f"no package: {error}", file=sys.stderr)
        return 2
    for name, (zipped, unpacked) in sizes.items():
        print(f"dist/{name}: {zipped / 1e6:.1f} MB, unpacked {unpacked / 1e6:.1f} MB")
    return 0


def package() -> dict[str, tuple[int, int]]:
    """Make dist/ anew; (zipped, unpacked) bytes of each zip. Raises Broken."""
    if sys.version_info[:2] != PYTHON:
        raise Broken(
            f"it is made for Lambda's Python {PYTHON[0]}.{PYTHON[1]}, and this one is {sys.version.split()[0]}"
        )
    of_sources = sources.digest()
    _clear()
    DIST.mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch)
        _chalice(made)
        core = write_zip(
            DIST / "function.zip", compiled(e for e in entries_of_zip(made / "deployment.zip") if needed(e[0]))
        )
        template = complete(json.loads((made / "sam.json").read_text("utf-8")))
    (DIST / "code_stack.json").write_text(json.dumps(template, indent=1) + "\n", "utf-8")
    shutil.copyfile(DATA_STACK, DIST / "data_stack.json")
    layer = _analytics(DIST / "analytics.zip")
    sizes = {
        "function.zip": ((DIST / "function.zip").stat().st_size, core),
        "analytics.zip": ((DIST / "analytics.zip").stat().st_size, layer),
    }
    if sizes["function.zip"][0] > CORE_ZIP_BYTES or core + layer > UNPACKED_BYTES:
        raise Broken(f"it is too large: {sizes}")
    sources.note(DIST, of_sources)
    return sizes


def _clear() -> None:
    """Chalice's cache goes by contents, not by names: a renamed template would ship the zip of before."""
    shutil.rmtree(DIST, ignore_errors=True)
    for stale in (ROOT / ".chalice" / "deployments").glob("*.zip"):
        stale.unlink()


def _chalice(target: Path) -> None:
    """Chalice asks for a region, though the template is the same for all."""
    command = [sys.executable, "-c", _CHALICE, "package", "--stage", "package", "--merge-template", str(MERGE)]
    environ = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run([*command, str(target)], cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode or not (target / "sam.json").is_file():
        raise Broken(f"chalice package failed: {_last_line(done.stderr or done.stdout)}")
    if "Could not install dependencies" in done.stdout + done.stderr:
        raise Broken(f"chalice could not pack a dependency: {_last_line(done.stdout + done.stderr)}")


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]


def complete(template: dict[str, Any]) -> dict[str, Any]:
    """Chalice's merged template without its REST API, every function taking the code the parameters name.

    Raises Broken when a function has no source of events, or the merge template names one the app does not have."""
    resources = {name: dict(body) for name, body in template["Resources"].items() if name not in _REST}
    for name, resource in resources.items():
        if "Type" not in resource:
            raise Broken(f"infra/code_stack.json completes {name}, which the app does not declare")
        if resource["Type"] == "AWS::Serverless::Function":
            resources[name] = _function(name, resource)
    outputs = {name: value for name, value in template["Outputs"].items() if name not in _CHALICE_OUTPUTS}
    return {**template, "Resources": resources, "Outputs": outputs}


_CHALICE_OUTPUTS = ("RestAPIId", "APIHandlerName", "APIHandlerArn", "EndpointURL")


def _function(name: str, resource: dict[str, Any]) -> dict[str, Any]:
    # The code of all is in Globals.
    properties = {key: value for key, value in resource["Properties"].items() if key not in ("CodeUri", "Tags")}
    events = properties.get("Events", {})
    if name != "APIHandler" and len(events) != 1:
        raise Broken(f"{name} is called by {len(events)} sources of events instead of one")
    for event in events.values():
        queue = event["Properties"].get("Queue", {}).get("Fn::Sub", "${QueuePrefix}")
        if event["Properties"].get("Stream", {}) == UNKNOWN_STREAM or "${QueuePrefix}" not in queue:
            raise Broken(f"infra/code_stack.json does not say what calls {name}")
    return {**resource, "Properties": properties}


# What functions.py gives for an ARN that only a deployment knows.
UNKNOWN_STREAM = "of-the-data-stack"


def _analytics(target: Path) -> int:
    """The report function's layer: wheels that Lambda's C library can load, below python/ as Lambda asks."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target",
                   scratch, "--only-binary=:all:", "--platform", _PLATFORM, "--implementation", "cp",
                   "--python-version", "3.11", "-r", "requirements-analytics.txt"]  # fmt: skip
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Broken(f"the analytics layer cannot be made: {_last_line(done.stderr)}")
        kept = ((name, body) for name, body in entries_of_folder(Path(scratch)) if needed(name))
        return write_zip(target, ((f"python/{name}", body) for name, body in compiled(kept)))


if __name__ == "__main__":
    sys.exit(main())
