from chalicelib.assign.narrow import MEMO_SIZE, Fitting, narrow
from chalicelib.assign.roster import Roster
from chalicelib.records.lead import Lead
from chalicelib.records.rep import Rep
from tests.assign.people import lead, manager, rep

ORDER = ("account", "territory", "language", "product")


def fitting(who: Lead, *people: Rep, order: tuple[str, ...] = ORDER) -> Fitting:
    roster = Roster.of(people)
    return narrow(who, roster, roster.available(()), order)


def ids(found: Fitting) -> list[str]:
    return [person.rep_id for person in found.reps]


def test_the_holder_of_the_account_fits_whatever_else_they_serve() -> None:
    found = fitting(
        lead(emails=("x@example.com",), country="DE"), rep("a"), rep("b", accounts=("example.com",), countries=("US",))
    )
    assert ids(found) == ["b"]
    assert found.rule == "account"
    assert [text for text, _ in found.reasons] == ["account: example.com"]


def test_a_subdomain_belongs_to_the_account_and_a_lookalike_does_not() -> None:
    holder = rep("b", accounts=("example.com",), countries=("US",))
    assert ids(fitting(lead(emails=("x@mail.eu.example.com",)), rep("a"), holder)) == ["b"]
    assert ids(fitting(lead(emails=("x@notexample.com",)), rep("a"), holder)) == ["a", "b"]


def test_any_of_the_persons_addresses_may_name_the_account() -> None:
    who = lead(emails=("x@example.org", "x@example.com"))
    assert ids(fitting(who, rep("a"), rep("b", accounts=("example.com",)))) == ["b"]


def test_territory_and_language_narrow_among_the_holders_of_an_account() -> None:
    holders = [
        rep("a", accounts=("example.com",), countries=("US",)),
        rep("b", accounts=("example.com",), countries=("DE",)),
    ]
    found = fitting(lead(emails=("x@example.com",), country="DE"), *holders)
    assert ids(found) == ["b"]
    assert found.rule == "account"


def test_an_account_whose_holder_left_is_named_in_the_reasons() -> None:
    gone = rep("b", accounts=("example.com",), active=False)
    found = fitting(lead(emails=("x@example.com",)), rep("a"), gone)
    assert ids(found) == ["a"]
    assert [text for text, _ in found.reasons] == ["nobody active holds this account: example.com"]


def test_the_account_of_a_manager_is_nobodys_account() -> None:
    assert fitting(lead(emails=("x@example.com",)), rep("a"), manager("m", accounts=("example.com",))).reasons == ()


def test_a_key_account_rep_takes_other_leads_only_when_there_is_nobody_else() -> None:
    key_account = rep("a", accounts=("example.com",))
    both = rep("b", accounts=("example.org",), countries=("DE",))
    other = lead(emails=("x@example.net",), country="DE")
    assert ids(fitting(other, key_account, both)) == ["b"]
    assert ids(fitting(other, key_account)) == ["a"]


def test_each_attribute_narrows_and_nothing_listed_is_no_restriction() -> None:
    people = [
        rep("a", countries=("de", "AT"), languages=("de",), products=("Laser Cutters",)),
        rep("b", countries=("US",)),
        rep("c"),
    ]
    found = fitting(lead(country="DE", language="de", products=("laser cutters",)), *people)
    assert ids(found) == ["a", "c"]
    assert [text for text, true_of in found.reasons if true_of & 1] == [
        "serves this country: DE",
        "speaks: de",
        "knows this product: laser cutters",
    ]
    assert [text for text, true_of in found.reasons if true_of & 4] == []


def test_a_lead_that_does_not_say_is_not_narrowed() -> None:
    found = fitting(lead(products=(" ",)), rep("a", countries=("DE",), products=("x",)), rep("b", countries=("US",)))
    assert ids(found) == ["a", "b"]
    assert found.reasons == ()
    assert found.rule == "load"


def test_one_of_the_products_is_enough_and_only_the_known_one_is_claimed() -> None:
    found = fitting(lead(products=("pump", "valve")), rep("a", products=("valve",)), rep("b", products=("pipe",)))
    assert ids(found) == ["a"]
    assert [text for text, true_of in found.reasons if true_of & 1] == ["knows this product: valve"]
    assert found.rule == "product"


def test_what_nobody_serves_gives_way_and_says_so() -> None:
    people = [
        rep("a", countries=("DE",), languages=("de",), products=("pump",)),
        rep("b", countries=("US",), products=("pump",)),
    ]
    found = fitting(lead(country="DE", language="fr", products=("valve", "pipe")), *people)
    assert ids(found) == ["a"]
    assert [text for text, true_of in found.reasons if true_of & 1] == [
        "serves this country: DE",
        "nobody speaks: fr",
        "nobody knows this product: valve, pipe",
    ]
    assert found.rule == "territory"


def test_the_last_rules_give_way_first() -> None:
    people = [rep("a", countries=("DE",), products=("pump",)), rep("b", countries=("US",), products=("valve",))]
    who = lead(country="DE", products=("valve",))
    assert ids(fitting(who, *people)) == ["a"]
    assert ids(fitting(who, *people, order=("product", "territory"))) == ["b"]


def test_leads_alike_share_one_answer_and_the_store_of_answers_stays_small() -> None:
    roster = Roster.of([rep("a"), rep("b", countries=("DE",))])
    everybody = roster.available(())
    first = narrow(lead(country="DE"), roster, everybody, ORDER)
    assert narrow(lead(lead_id="L2", country="DE"), roster, everybody, ORDER) is first
    assert ids(narrow(lead(country="DE"), roster, roster.available(("a",)), ORDER)) == ["b"]
    assert ids(narrow(lead(country="US"), roster, everybody, ORDER)) == ["a"]
    for n in range(MEMO_SIZE + 1):
        narrow(lead(products=(f"product {n}",)), roster, everybody, ORDER)
        assert len(roster.memo) <= MEMO_SIZE
