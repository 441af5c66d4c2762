"""The brand's colours and logo, looked at before a function would refuse them at its start."""

from pathlib import Path

from chalicelib.handlers.logo_setting import read_logo
from chalicelib.settings import BadSetting, read_settings
from infra.stacks import DeployError

ROOT = Path(__file__).absolute().parents[1]


def check_brand(chosen: dict[str, str]) -> None:
    """Raises DeployError. A logo is named as it lies in the package, which is made from here."""
    colours = {"LEADLINE_BRAND_COLOR": "BrandColor", "LEADLINE_BRAND_COLOR_DARK": "BrandColorDark"}
    try:
        read_settings({variable: chosen.get(name, "") for variable, name in colours.items()})
        if chosen.get("BrandLogo"):
            read_logo(ROOT / chosen["BrandLogo"])
    except BadSetting as wrong:
        raise DeployError(str(wrong)) from None
