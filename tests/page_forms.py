"""What a browser would post of a form on a page: the values it shows, in the order they come."""

from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted, self.inside = wanted, False
        self.values: dict[str, str] = {}
        self.open_area = self.open_select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = self.wanted in at.get("class", "") + at.get("action", "")
        if not self.inside:
            return
        if tag == "input" and at.get("name") and (at.get("type") != "checkbox" or "checked" in at):
            self.values[at["name"]] = at.get("value", "")
        elif tag == "textarea":
            self.open_area = at["name"]
            self.values[self.open_area] = ""
        elif tag == "select":
            self.open_select = at["name"]
        elif tag == "option" and ("selected" in at or self.open_select not in self.values):
            self.values[self.open_select] = at["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # A line break right behind the tag is none of the text's.
            self.values[self.open_area] = self.values[self.open_area].removeprefix("\n")
            self.open_area = ""
        self.inside = self.inside and tag != "form"

    def handle_data(self, data: str) -> None:
        if self.open_area:
            self.values[self.open_area] += data


def fields_of(html: str, form: str) -> dict[str, str]:
    """Of the form that has this in its class or its address."""
    reader = _Reader(form)
    reader.feed(html)
    return reader.values
