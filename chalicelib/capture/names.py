"""Names of people as given in parts."""


def joined_name(given: str, family: str) -> str:
    """The parts as one name: family name first and without a blank where both are Chinese characters or Korean."""
    if given and family and _east_asian(given) and _east_asian(family):
        return family + given
    return f"{given} {family}".strip()


def _east_asian(text: str) -> bool:
    return all("\u3400" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" or char >= "\U00020000" for char in text)
