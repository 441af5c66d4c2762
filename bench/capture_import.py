"""What a cold start of the form costs on AWS before it answers, against boto3 with one client and bare Python.

Processor time of the whole process, which other work on the machine disturbs less than the clock does. Compiled first,
as the package is: its zip holds the compiled modules."""

import compileall

from bench.measure import ROOT, spread
from bench.measure import run as process

BOTO = "import boto3; boto3.client('dynamodb', region_name='eu-central-1')"
CAPTURE = "import app, chalicelib.handlers.http_form, chalicelib.engine_aws"
CLIENT = (
    f"{CAPTURE}; from chalicelib.store.aws_clients import AwsClients; AwsClients('eu-central-1').dynamodb();"
    " import sys; assert not {'boto3', 'sqlite3', 'numpy', 'jinja2', 'babel'} & set(sys.modules)"
)
RUNS = 15
PARTS = {
    "bare Python": "pass",
    "boto3 with one client": BOTO,
    "the app with the form's handler and the engine on AWS": CAPTURE,
    "the same with its client": CLIENT,
}


def run() -> list[tuple[str, str]]:
    compileall.compile_dir(ROOT / "chalicelib", quiet=2)
    times: dict[str, list[float]] = {name: [] for name in PARTS}
    for _ in range(RUNS):
        # In turn, so that a slow moment of the machine meets each of them.
        for name, code in PARTS.items():
            times[name].append(process(["-c", code]).cpu * 1000)
    middle = {name: sorted(found)[RUNS // 2] for name, found in times.items()}
    bare = middle["bare Python"]
    ratio = (middle["the same with its client"] - bare) / (middle["boto3 with one client"] - bare)
    shown = [(f"process that imports {name}", spread(found, "ms", 0)) for name, found in times.items()]
    return [*shown, ("capture path with its client over boto3 with one client, above bare Python", f"{ratio:.2f}")]
