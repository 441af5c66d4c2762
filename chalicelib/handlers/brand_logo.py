"""Which logo visitors' pages show: the one that was uploaded in the console, else the setting's, else none."""

from chalicelib.capture.logo_files import Logo
from chalicelib.handlers.logo_setting import logo_of
from chalicelib.records.brand import tag_of
from chalicelib.records.ports import StoreUnavailable
from chalicelib.wiring import service


def logo_now() -> Logo | None:
    found = service()
    try:
        uploaded = found.deps.directory.logo()
    except StoreUnavailable:
        # A page that can be shown without the store is shown with the name.
        uploaded = None
    return Logo(uploaded.body, uploaded.kind) if uploaded else logo_of(found.settings.brand_logo)


def logo_address() -> str:
    """With what tells one picture from another, so that browsers keep it until there is a new one; "" for none."""
    logo = logo_now()
    return f"/brand/logo?v={tag_of(logo.body)}" if logo else ""
