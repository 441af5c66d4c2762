"""Logs as JSON lines in the functions nobody waits for. Importing Powertools' logger costs 20 to 30 ms, so the form's
own function does without."""

import logging
from functools import cache


@cache
def structured() -> logging.Logger:
    """Make the service's logger write JSON; once a process. Messages carry ids, never personal data."""
    from aws_lambda_powertools import Logger

    # Chalice's own handler, where its app is loaded too, would say everything a second time.
    logging.getLogger("leadline").handlers.clear()
    Logger(service="leadline", name="leadline", level="INFO", log_uncaught_exceptions=False)
    return logging.getLogger("leadline")
