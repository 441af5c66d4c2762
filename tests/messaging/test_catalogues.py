import json
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from infra import catalogues
from infra.catalogues import ROOT, check, compile_mo, found, main, po_path, update
from infra.reason_texts import reason_texts


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project: code, a stage, a template and a data file with texts, and a catalogue folder."""
    texts = {
        "chalicelib/pages.py": 'x = _("From code")\ny = ngettext("%(n)s row", "%(n)s rows", n)\nz = N_("Marked")\n',
        "chalicelib/assign/choose.py": '"""Not this sentence."""\nA = "fewest open leads: "\nB = f"same phone +{n}"\n',
        "chalicelib/data/rules.json": json.dumps(
            {"rules": [{"reason": "asked twice +3", "label": ["First label", ""], "text": {"en": "not this"}}]}
        ),
        "templates/pages/one.html": "{% trans %}\n  In a\n  block\n{% endtrans %}{{ _('Hello %(name)s', name=n) }}",
        "templates/assets/lib/x.html": "{{ _('Not ours') }}",
    }
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def locale(tree: Path) -> Path:
    return tree / "templates" / "locale"


def translate(tree: Path, **texts: str) -> None:
    for folder in catalogues.FOLDERS:
        path = po_path(folder, locale(tree))
        with path.open("rb") as file:
            catalog = read_po(file, locale=folder)
        for message in catalog:
            key = message.id if isinstance(message.id, str) else message.id[0]
            if key:
                string = texts.get(key.replace(" ", "_"), f"译 {key}")
                message.string = string if isinstance(message.id, str) else (string,)
        catalogues._write(path, catalog)


def ids(tree: Path) -> set[str]:
    return {message.id if isinstance(message.id, str) else message.id[0] for message in found(tree) if message.id}


def test_texts_are_found_in_code_templates_data_and_stages(tree: Path):
    assert ids(tree) == {
        "From code", "%(n)s row", "Marked", "In a block", "Hello %(name)s", "asked twice", "First label",
        "fewest open leads", "same phone",
    }  # fmt: skip


def test_reasons_are_sentences_and_nothing_else(tree: Path):
    (tree / "chalicelib/assign/choose.py").write_text(
        '"""the docstring of this"""\n'
        'a = "nobody is there"\nb = f"nobody speaks: {language}"\nc = f"{what} is missing"\n'
        'd = f"cut to {n} letters"\ne = "Other texts"\nf = "key"\ng = "select * from x"\nh = f"wants it -{n}"\n'
        'raise ValueError("not for people")\n'
    )
    assert {text for _, text in reason_texts(tree)} == {"nobody is there", "nobody speaks", "wants it"}


def test_a_template_with_an_error_is_not_passed_over(tree: Path):
    (tree / "templates/pages/broken.html").write_text("{% if %}")
    with pytest.raises(Exception, match="Expected"):
        found(tree)


def test_update_keeps_what_was_translated_and_remembers_what_is_no_longer_used(tree: Path):
    update(tree, locale(tree))
    translate(tree)
    (tree / "chalicelib/pages.py").write_text('x = _("From code")\nnew = _("From the code")\n')
    update(tree, locale(tree))
    text = po_path("zh_Hans", locale(tree)).read_text()
    assert 'msgid "From code"\nmsgstr "译 From code"' in text
    assert 'msgid "From the code"\nmsgstr ""' in text
    assert '#~ msgstr "译 Marked"' in text
    (tree / "chalicelib/pages.py").write_text('x = _("From code")\nback = N_("Marked")\n')
    update(tree, locale(tree))
    assert '\nmsgid "Marked"\nmsgstr "译 Marked"' in po_path("zh_Hans", locale(tree)).read_text()


def test_updating_twice_changes_no_byte(tree: Path):
    update(tree, locale(tree))
    before = {path: path.read_bytes() for path in locale(tree).rglob("*.po*")}
    assert len(before) == 3
    update(tree, locale(tree))
    assert {path: path.read_bytes() for path in locale(tree).rglob("*.po*")} == before


def test_check_names_what_is_missing_unused_fuzzy_or_has_other_places(tree: Path):
    update(tree, locale(tree))
    assert len(check(tree, locale(tree))) == 2 * len(ids(tree))
    translate(tree)
    assert check(tree, locale(tree)) == []
    translate(tree, **{"Hello_%(name)s": "%(nom)s"})
    assert check(tree, locale(tree)) == [f"{f}: other placeholders: Hello %(name)s" for f in catalogues.FOLDERS]
    translate(tree, **{"Hello_%(name)s": "%(name)s 100%"})
    assert check(tree, locale(tree)) == [f"{f}: other placeholders: Hello %(name)s" for f in catalogues.FOLDERS]
    translate(tree)
    po = po_path("zh_Hans", locale(tree))
    po.write_text(po.read_text().replace('msgid "Marked"', '#, fuzzy\nmsgid "Marked"'))
    assert check(tree, locale(tree)) == ["zh_Hans: fuzzy: Marked"]
    translate(tree)
    po.write_text(po.read_text() + '\n#, python-format\nmsgid "Old"\nmsgstr "旧"\n')
    assert "zh_Hans: unused: Old" in check(tree, locale(tree))
    update(tree, locale(tree))
    assert "zh_Hans: unused: Old" in check(tree, locale(tree))
    update(tree, locale(tree), prune=True)
    assert "Old" not in po.read_text()


def test_compile_writes_only_what_is_older_than_its_source(tree: Path):
    update(tree, locale(tree))
    compile_mo(locale(tree))
    hans = po_path("zh_Hans", locale(tree)).with_suffix(".mo")
    before = hans.stat().st_mtime_ns
    compile_mo(locale(tree))
    assert hans.stat().st_mtime_ns == before
    hans.unlink()
    compile_mo(locale(tree))
    assert hans.exists()


def test_compiling_with_nothing_to_do_says_and_loads_nothing():
    main(["compile"])
    code = "import sys; sys.argv[1:] = ['compile']; import runpy\n"
    code += "try: runpy.run_path('infra/catalogues.py', run_name='__main__')\n"
    code += "except SystemExit as end: print(end.code, sorted({'babel', 'jinja2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert (done.stdout, done.stderr) == ("0 []\n", "")


def test_an_unknown_command_is_one_line_and_exit_2(capsys: pytest.CaptureFixture):
    assert main(["translate"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_all_texts_of_mails_are_translated():
    extracted = [
        catalogues._extracted(path, "jinja2.ext:babel_extract", catalogues.JINJA)
        for path in (ROOT / "templates" / "mail").iterdir()
    ]
    texts = {text for found_in in extracted for _, text in found_in}
    assert len(texts) > 50
    for folder in catalogues.FOLDERS:
        with po_path(folder).open("rb") as file:
            catalog = read_po(file, locale=folder)
        assert [text for text in texts if not catalog[text].string] == []
