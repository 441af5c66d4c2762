"""The Jinja2 environments of mails and pages, one for each language."""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_eval_context, select_autoescape
from jinja2.nodes import EvalContext
from markupsafe import Markup

from chalicelib.messaging.formats import filters
from chalicelib.messaging.languages import COLON, COMMA, LANGUAGES, TEMPLATES, translator
from chalicelib.records.form import worded


@cache
def environment(language: str) -> Environment:
    """The environment of one of LANGUAGES; KeyError for another.

    HTML is escaped; an undefined name is an error; `{% trans %}` blocks fold their white space; `gettext` and its
    kin are new style, so a literal percent sign in a msgid is written twice. Filters: `when(zone)`, `day(zone)`,
    `money`, `number`, `phrase`, `worded` (of texts by language, this page's). Globals: `language` and `languages`.
    """
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html", "xml", "svg"), default_for_string=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        cache_size=-1,
        # Templates come with the code. Looking for newer ones asked for each file's time, ten times a mail.
        auto_reload=False,
        # infra/catalogues.py reads the templates in the same way, or it would extract other texts than are looked up.
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(translator(language), newstyle=True)  # type: ignore[attr-defined]
    translate = _translate(translator(language).gettext)
    made.globals.update(gettext=translate, _=translate)
    made.filters.update(filters(language), worded=partial(_worded, language))
    made.globals.update(language=language, languages=LANGUAGES, colon=COLON[language], comma=COMMA[language])
    return made


def _worded(language: str, texts: Mapping[str, str]) -> str:
    return worded(texts, language)


def _translate(gettext: Callable[[str], str]) -> Callable[..., str]:
    """The extension's own new style `gettext` in one step instead of three, which is a third of a mail's rendering."""

    @lru_cache(maxsize=2048)
    def fixed(text: str, escaped: bool) -> str:
        found = gettext(text)
        # As the extension has it: the texts are ours, values are escaped when they are put in.
        return Markup(found) if escaped else found  # noqa: S704

    @pass_eval_context
    def translate(context: EvalContext, text: str, /, **values: Any) -> str:
        # Also without values: a literal percent sign is written twice.
        return fixed(text, context.autoescape) % values

    return translate
