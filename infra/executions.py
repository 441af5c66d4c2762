"""How many of the account's Lambda executions are kept for forms, pages and API, whatever else runs."""

from typing import Any

from botocore.exceptions import ClientError

# AWS leaves so many to functions without a reservation of their own.
UNRESERVED = 100
# A reservation is a limit too: at the rate the API's brake lets through, a second for each request. Kept where the
# rest is left twice as many.
KEPT = 100
_PLENTY = UNRESERVED + 2 * KEPT


def limit_of(functions: Any) -> int:
    """The account's quota. Raises ClientError."""
    return int(functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"])


def kept_at_first(functions: Any) -> dict[str, str]:
    """What a new deployment keeps that says nothing of it: none where the quota is a new account's, or not told."""
    try:
        return {"HttpConcurrency": str(KEPT)} if limit_of(functions) >= _PLENTY else {}
    except ClientError:
        return {}
