"""The console: every page behind the sign-in."""

from chalicelib.handlers import (
    http_campaigns,
    http_leads,
    http_mailbox,
    http_people,
    http_returns,
    http_sign_in,
    http_uploads,
)

blueprints = (
    *http_sign_in.blueprints,
    *http_leads.blueprints,
    *http_uploads.blueprints,
    *http_campaigns.blueprints,
    *http_returns.blueprints,
    *http_mailbox.blueprints,
    *http_people.blueprints,
)
