"""What a cold start of the form costs on AWS before it answers, against boto3 with one client and bare Python.

Processor time from the process's start until the client is there (taking the process down again, which no visitor waits
for, is left out); other work on the machine disturbs it less than the clock. Compiled first, as the package is: its zip
holds the compiled modules. The last part goes on to the first answer, as what is not imported may be put off only."""

import compileall
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import ROOT, spread
from bench.measure import run as process

BOTO = "import boto3; boto3.client('dynamodb', region_name='eu-central-1')"
CAPTURE = "import app, chalicelib.handlers.http_form, chalicelib.engine_aws"
CLIENT = (
    f"{CAPTURE}; from chalicelib.store.aws_clients import AwsClients; AwsClients('eu-central-1').dynamodb();"
    " import sys; assert not {'boto3', 'sqlite3', 'numpy', 'jinja2', 'babel'} & set(sys.modules)"
)
# An HTTP API's event by hand, as Lambda brings it; the store is embedded, so that nothing but our own work is counted.
FIRST_POST = """
import app, sys, time
from pathlib import Path
from chalicelib.settings import Settings
from chalicelib.wiring import open_service, use
use(open_service(Settings(data=Path(sys.argv[1]))))
answer = app.app({
    "version": "2.0", "rawPath": "/f/contact",
    "headers": {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"},
    "requestContext": {"http": {"method": "POST", "sourceIp": "192.0.2.1"}},
    "body": f"name=Petra+Vogel&email=petra{time.time_ns()}@vogel.example&message=Please+send+a+quotation",
}, None)
assert answer["statusCode"] == 201, answer
"""
RUNS = 15
PARTS = {
    "bare Python": "pass",
    "boto3 with one client": BOTO,
    "the app with the form's handler and the engine on AWS": CAPTURE,
    "the same with its client": CLIENT,
    "the app, opens an embedded store and answers its first form": FIRST_POST,
}


def run() -> list[tuple[str, str]]:
    compileall.compile_dir(ROOT / "chalicelib", quiet=2)
    with TemporaryDirectory() as folder:
        process(["-m", "chalicelib", "--data", folder, "init", "--sample"])
        return _measured(Path(folder))


def _measured(store: Path) -> list[tuple[str, str]]:
    times: dict[str, list[float]] = {name: [] for name in PARTS}
    for _ in range(RUNS):
        # In turn, so that a slow moment of the machine meets each of them.
        for name, code in PARTS.items():
            until_then = f"{code}\nimport time; print(time.process_time())"
            times[name].append(float(process(["-c", until_then, str(store)]).output) * 1000)
    middle = {name: sorted(found)[RUNS // 2] for name, found in times.items()}
    bare = middle["bare Python"]
    ratio = (middle["the same with its client"] - bare) / (middle["boto3 with one client"] - bare)
    shown = [(f"process that imports {name}", spread(found, "ms", 0)) for name, found in times.items()]
    return [*shown, ("capture path with its client over boto3 with one client, above bare Python", f"{ratio:.2f}")]
