"""SES in memory, at the boundary of botocore's client: takes mail, remembers what it took, and tells by its topic."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.faults.invariants import Handed
from tests.worlds.scheduler import START

TOPIC = "arn:aws:sns:eu-central-1:123456789012:leadline-mail"
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>]+)>", re.MULTILINE | re.IGNORECASE)


@dataclass
class Taken:
    """A mail that was accepted, when, and the tags it carried."""

    handed: Handed
    at: float
    tags: dict[str, str]


class SesModel:
    """A low-level client of sesv2. `tell` gets the body of each message the topic's queue receives, or nothing does."""

    def __init__(self, clock: Callable[[], float], tell: Callable[[str], None] | None = None) -> None:
        self._clock, self._tell = clock, tell
        self.taken: list[Taken] = []

    def send_email(
        self,
        Content: dict[str, Any],  # noqa: N803
        Destination: dict[str, Any],  # noqa: N803
        EmailTags: list[dict[str, str]],  # noqa: N803
        ConfigurationSetName: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        found = _MESSAGE_ID.search(Content["Raw"]["Data"])
        assert found, "a mail without Message-ID"
        (to,) = Destination["ToAddresses"]
        handed = Handed(found.group(1).decode(), to)
        tags = {tag["Name"]: tag["Value"] for tag in EmailTags}
        self.taken.append(Taken(handed, self._clock(), tags))
        if self._tell:
            self._tell(self._news(len(self.taken), to, tags))
        return {"MessageId": f"ses-{len(self.taken):08d}", "Handed": handed.message_id.split("@")[0]}

    def get_account(self) -> dict[str, Any]:
        return {"SendQuota": {"MaxSendRate": 50.0, "Max24HourSend": 1e6, "SentLast24Hours": 0.0}}

    def _news(self, number: int, to: str, tags: dict[str, str]) -> str:
        mail = {"messageId": f"ses-{number:08d}", "destination": [to], "tags": {k: [v] for k, v in tags.items()},
                "timestamp": (START + timedelta(seconds=self._clock())).isoformat()}  # fmt: skip
        told = json.dumps({"eventType": "Send", "mail": mail, "send": {}})
        envelope = {"Type": "Notification", "MessageId": f"sns-{number:08d}", "TopicArn": TOPIC, "Message": told}
        return json.dumps(envelope)
