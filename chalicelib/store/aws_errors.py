"""What AWS answers when it does not answer: which errors may be tried again, and all of them in one plain line."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from chalicelib.records.ports import StoreUnavailable

# Somebody else is at work on the same items, or we are too fast: the same call may succeed in a moment.
CONTENDED = frozenset(
    {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "TransactionInProgressException",
     "TransactionConflictException", "ThrottlingException", "ProvisionedThroughputExceededException",
     "RequestLimitExceeded", "InternalServerError"}
)  # fmt: skip
# Our own fault, which no repetition mends: a bug, told as one.
_OURS = frozenset({"ValidationException", "SerializationException"})

Pause = Callable[[float], None]
_NONE: frozenset[str] = frozenset()


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def as_unavailable(but: frozenset[str] = _NONE) -> Iterator[None]:
    """Raise StoreUnavailable for what the engine could not do; its text names the call and the code, no content.
    Lets through the codes in `but`, which the caller answers itself."""
    try:
        yield
    except ClientError as error:
        if code_of(error) in _OURS | but:
            raise
        raise StoreUnavailable(f"{error.operation_name}: {code_of(error)}") from error
    except ParamValidationError:
        raise
    except BotoCoreError as error:
        raise StoreUnavailable(type(error).__name__) from error


def waits(attempts: int, first: float = 0.01, longest: float = 0.5) -> Iterator[float]:
    """Seconds to wait before each further attempt: doubling, with full jitter so that rivals part."""
    for attempt in range(attempts):
        yield random.uniform(0, min(longest, first * 2**attempt))  # noqa: S311
