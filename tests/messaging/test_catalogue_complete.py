"""The catalogues of this tree: a text added without its translations fails here, and is named."""

import pytest

from infra.catalogues import _plural, _read, check, po_path

# What each script's own older character set lacks is, among the letters of these texts, the other script's.
CHARACTERS = {"zh_Hans": "gb2312", "zh_Hant": "big5"}


def test_every_text_is_translated_into_each_language_and_no_translation_is_left_over():
    assert check() == []


@pytest.mark.parametrize("folder", CHARACTERS)
def test_a_chinese_catalogue_keeps_to_its_script(folder: str):
    texts = [text for message in _read(po_path(folder), folder) if message.id for text in _plural(message.string)]
    letters = {letter for text in texts for letter in text if "\u4e00" <= letter <= "\u9fff"}
    assert len(letters) > 500
    assert {letter for letter in letters if not letter.encode(CHARACTERS[folder], "ignore")} == set()
