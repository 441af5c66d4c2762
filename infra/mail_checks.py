"""Whether mail can leave: SES in the region, out of its sandbox, the sender known; or a mail server in its place."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from infra.stacks import DeployError


def check_mail(target: Any, chosen: Mapping[str, str]) -> None:
    """Refuse a region without SES where no mail server is named; say what keeps mail from leaving."""
    if chosen.get("SmtpHost"):
        return
    if not has_ses(target):
        region = target.session.region_name
        raise DeployError(
            f"there is no SES in {region}, so no mail would leave: set SmtpHost, or choose another region"
        )
    for line in ses_lines(target.client("sesv2"), sender_of(chosen)):
        print(f"note: {line}", file=sys.stderr)


def has_ses(target: Any) -> bool:
    region = target.session.region_name
    partition = target.session.get_partition_for_region(region)
    return region in target.session.get_available_regions("sesv2", partition)


def sender_of(chosen: Mapping[str, str]) -> str:
    """The address in `Name <address>`."""
    return chosen.get("Sender", "").rpartition("<")[2].rstrip(">")


def ses_lines(ses: Any, sender: str) -> Iterator[str]:
    """What keeps mail from leaving, or from reaching everybody."""
    account = ses.get_account()
    if not account.get("ProductionAccessEnabled"):
        yield "SES is in its sandbox here; mail reaches verified addresses alone"
    if account.get("SendingEnabled") is False:
        yield "SES has paused this account's sending"
    if sender and not any(_verified(ses, identity) for identity in (sender, sender.rpartition("@")[2])):
        yield f"{sender} is not verified with SES; no mail leaves until it or its domain is"


def _verified(ses: Any, identity: str) -> bool:
    try:
        return bool(ses.get_email_identity(EmailIdentity=identity).get("VerifiedForSendingStatus"))
    except ses.exceptions.NotFoundException:
        return False
