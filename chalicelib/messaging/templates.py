"""The Jinja2 environments of mails and pages, one for each language."""

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from chalicelib.messaging.formats import filters
from chalicelib.messaging.languages import LANGUAGES, TEMPLATES, translator


@cache
def environment(language: str) -> Environment:
    """The environment of one of LANGUAGES; KeyError for another.

    HTML is escaped; an undefined name is an error; `{% trans %}` blocks fold their white space; `gettext` and its
    kin are new style, so a literal percent sign in a msgid is written twice. Filters: `when(zone)`, `day(zone)`,
    `money`, `number`, `phrase`. Globals: `language` and `languages`.
    """
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html", "xml", "svg"), default_for_string=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        cache_size=-1,
        # infra/catalogues.py reads the templates in the same way, or it would extract other texts than are looked up.
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(translator(language), newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(filters(language))
    made.globals.update(language=language, languages=LANGUAGES)
    return made
