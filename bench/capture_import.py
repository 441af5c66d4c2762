"""What the capture path imports, against bare boto3 with one client and bare Python."""

from bench.measure import run as process
from bench.measure import spread

CAPTURE = "import app, chalicelib.flows.submit, chalicelib.capture.forms; from chalicelib.wiring import open_service"
BOTO = "import boto3; boto3.client('dynamodb', region_name='eu-central-1')"


def run() -> list[tuple[str, str]]:
    walls = {name: [process(["-c", code]).wall for _ in range(9)] for name, code in (
        ("bare Python", "pass"), ("boto3 with one client", BOTO), ("the capture path (no boto3)", CAPTURE),
        ("the capture path and boto3 with one client", f"{CAPTURE}; {BOTO}"),
    )}  # fmt: skip
    bare = sorted(walls["bare Python"])[4]
    shown = [
        (f"process that imports {name}", spread([w * 1000 for w in found], "ms", 0)) for name, found in walls.items()
    ]
    both, boto = (
        sorted(walls[n])[4] - bare for n in ("the capture path and boto3 with one client", "boto3 with one client")
    )
    return [*shown, ("capture path with boto3 over boto3 alone, above bare Python", f"{both / boto:.2f}")]
