"""What the clock tells CloudWatch: a line of the log in the embedded metric format; it costs no call and no right."""

import json
from datetime import datetime

NAMESPACE = "Leadline"
UNANSWERED = "UnansweredRequests"


def sweep_completed(table: str, unanswered: int, now: datetime) -> str:
    """One metric says both: that the due index was swept to its end (each line is a sample, and missing samples raise
    the alarm NoSweep), and how many requests nobody has answered. Each metric has its price."""
    about = {
        "Timestamp": int(now.timestamp() * 1000),
        "CloudWatchMetrics": [
            {"Namespace": NAMESPACE, "Dimensions": [["Table"]], "Metrics": [{"Name": UNANSWERED, "Unit": "Count"}]}
        ],
    }
    return json.dumps({"_aws": about, "Table": table, UNANSWERED: unanswered})
