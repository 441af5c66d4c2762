import pytest

from chalicelib.qualify.phrases import PhraseBook

BOOK = PhraseBook(
    [["quote*", "price list", "报价*"], ["within * months", "*leiter", "r&d"], ["don't panic"]],
    ["no", "don't need", "不需要"],
)


@pytest.mark.parametrize(
    ("text", "lists"),
    [
        ("Please QUOTE.", [0]),
        ("quoted and a price  list", [0]),
        ("请报价单", [0]),
        ("Einkaufsleiter", [1]),
        ("price list within three months", [0, 1]),
        ("Head of R&D", [1]),
        ("Don’t panic", [2]),
        ("misquote the prices, list them", []),
        ("within months", []),
        ("leiterplatte", []),
        ("", []),
    ],
)
def test_a_text_has_the_phrases_of_lists_as_whole_words(text: str, lists: list[int]):
    assert list(BOOK.found(text)) == lists
    assert BOOK.first(text) == (lists[0] if lists else None)


@pytest.mark.parametrize("text", ["no quote", "We don’t need a new quote", "我们不需要报价"])
def test_a_phrase_after_a_negation_is_not_meant(text: str):
    assert list(BOOK.found(text)) == []


@pytest.mark.parametrize(
    "text", ["no. Quote us", "no supplier yet so please quote", "no quote, but a price list", "不需要样品，请报价"]
)
def test_a_negation_reaches_no_further_than_its_phrase(text: str):
    assert list(BOOK.found(text)) == [0]


def test_a_book_without_phrases_finds_nothing():
    assert list(PhraseBook([[]]).found("a quote 报价")) == []
    assert list(PhraseBook([["quote"]]).found("no quote")) == [0]
