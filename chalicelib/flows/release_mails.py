"""Held thank-you mails of a list let go once its legal basis is recorded, one behind the other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched

from chalicelib.flows.place_rows import MAILS_PER_SECOND, thanks_id
from chalicelib.follow_up.basis import basis_gap, promotional_basis
from chalicelib.follow_up.outbox import release, suppress
from chalicelib.records.lead import Lead
