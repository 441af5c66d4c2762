from chalicelib.identify.index import KeyIndex


def test_who_was_added_under_a_key_is_found_by_it_in_order():
    index = KeyIndex()
    index.add("L2", ["p:1", "e:a"])
    index.add("L1", ["p:1"])
    assert index.find(["p:1"]) == ("L2", "L1")
    assert index.find(["e:a", "p:1"]) == ("L2", "L1")


def test_nobody_is_found_under_an_unknown_key():
    assert KeyIndex().find(["e:a"]) == ()


def test_adding_twice_changes_nothing():
    index = KeyIndex()
    index.add("L1", ["e:a", "e:a"])
    index.add("L1", ["e:a"])
    assert index.find(["e:a"]) == ("L1",)
