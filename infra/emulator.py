"""`make emulator`: the very package in an AWS emulator, deployed by our own script, and the tests against it.

    python -m infra.emulator [--keep] [pytest arguments]

Without arguments: tests/deploy, then the contracts and stories that take an emulator. What fails there is run once
more, alone and one after the other, and named: the emulator's functions are processes of this machine, and a story that
waits for a schedule can run out of time when the machine is busy with something else. Failing twice is failing.

The emulator (ministack) is a child on a free loopback port with TLS and with identities checked (AUTH), so that what
a policy does not allow, or a bucket refuses without TLS, fails here as it would on AWS. It is stopped by its own
process group, and its folders go with it.
Tests find LEADLINE_EMULATOR (the AWS endpoint) and LEADLINE_DEPLOYED (the service's address, behind that endpoint)."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import boto3
import pytest

ROOT = Path(__file__).absolute().parents[1]
MINISTACK = ROOT / ".venv-aws" / "bin" / "ministack"
REGION = "us-east-1"
STAGE = "test"
DOMAIN = "leadline.example"
SENDER = "Leadline <service@leadline.example>"
ADMIN = "chief@leadline.example"
KEYS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
SUITES = (["tests/deploy"], ["-n", "2", "-k", "emulator", "tests/contracts", "tests/stories"])
_START_SECONDS = 60
_STOP_SECONDS = 5


def main(arguments: list[str]) -> int:
    keep = "--keep" in arguments
    asked = [argument for argument in arguments if argument != "--keep"]
    if not MINISTACK.is_file():
        print("there is no emulator: run `make emulator`", file=sys.stderr)
        return 2
    # Ended from outside, the emulator is stopped all the same.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with emulator() as (endpoint, certificate):
        environ = {**os.environ, **account(endpoint, certificate)}
        started = time.monotonic()
        status = deploy(endpoint, environ)
        print(f"deployed into the emulator in {time.monotonic() - started:.1f} s", flush=True)
        for suite in [asked] if asked else SUITES:
            if status:
                break
            status = _tested(suite, environ)
        if keep:
            _stay(endpoint)
    return status


def _tested(suite: list[str], environ: dict[str, str]) -> int:
    """pytest's status for the suite, or for the second run of what failed in it."""
    with tempfile.TemporaryDirectory(prefix="leadline-tested-") as cache:
        command = [sys.executable, "-m", "pytest", "-q", "-o", f"cache_dir={cache}", *suite]
        status = subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode
        if status != pytest.ExitCode.TESTS_FAILED:
            return status
        print("what failed is run once more, alone", flush=True)
        command = [*command, "-n", "0", "--last-failed", "-v"]
        return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode


def account(endpoint: str, certificate: Path) -> dict[str, str]:
    """The environment in which tests and the deployment script reach the emulator, and nothing but the emulator."""
    return {
        **KEYS,
        "AWS_CA_BUNDLE": str(certificate),
        "SSL_CERT_FILE": str(certificate),
        "LEADLINE_EMULATOR": endpoint,
        "LEADLINE_DEPLOYED": f"https://{DOMAIN}",
    }


@contextmanager
def emulator() -> Iterator[tuple[str, Path]]:
    """A running emulator of our own: its endpoint, and the certificate it made for itself."""
    scratch = Path(tempfile.mkdtemp(prefix="leadline-emulator-"))
    port = _free_port()
    endpoint = f"https://127.0.0.1:{port}"
    certificate = scratch / "ministack-tls" / "server.crt"
    environ = {
        **os.environ, **KEYS, "AWS_CA_BUNDLE": str(certificate), "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1", "AUTH": "true", "USE_SSL": "1",
        "PERSIST_STATE": "0", "IOT_MTLS_ENABLED": "false", "TMPDIR": str(scratch), "STATE_DIR": str(scratch / "state"),
        "LOG_LEVEL": "WARNING",
    }  # fmt: skip
    with (scratch / "log").open("wb") as log:
        child = subprocess.Popen(
            [str(MINISTACK)], cwd=scratch, env=environ, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _wait(child, endpoint, certificate)
        yield endpoint, certificate
    finally:
        _stop(child)
        _show(scratch / "log")
        shutil.rmtree(scratch, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(child: subprocess.Popen[bytes], endpoint: str, certificate: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and child.poll() is None:
        try:
            trusted = ssl.create_default_context(cafile=certificate)
            urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=2, context=trusted).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the emulator did not start")


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Its functions are processes of its group: all of it ends, and nothing else."""
    child.terminate()
    try:
        child.wait(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _show(log: Path) -> None:
    """What the emulator complained about; CI keeps no other trace of it."""
    lines = log.read_text("utf-8", errors="replace").splitlines()
    for line in [line for line in lines if " ERROR " in line or " WARNING " in line][-40:]:
        if "samtranslator" not in line:
            print(line, file=sys.stderr)


def deploy(endpoint: str, environ: dict[str, str]) -> int:
    """As a person would with a verified sender and a certificate for the domain."""
    session, trusted = boto3.Session("test", "test", region_name=REGION), environ["AWS_CA_BUNDLE"]
    ses = session.client("sesv2", endpoint_url=endpoint, verify=trusted)
    ses.create_email_identity(EmailIdentity=DOMAIN)
    acm = session.client("acm", endpoint_url=endpoint, verify=trusted)
    certificate = acm.request_certificate(DomainName=DOMAIN)
    chosen = {
        "DomainName": DOMAIN,
        "CertificateArn": certificate["CertificateArn"],
        "Sender": SENDER,
        "AdminEmail": ADMIN,
    }
    command = [sys.executable, "-m", "infra.deploy", "--endpoint", endpoint, "--stage", STAGE]
    for name, value in chosen.items():
        command += ["--set", f"{name}={value}"]
    return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode


def _stay(endpoint: str) -> None:
    print(f"the emulator stays at {endpoint} until you press Ctrl-C", flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
