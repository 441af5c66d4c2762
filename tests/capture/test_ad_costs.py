from chalicelib.capture.ad_costs import read_ad_costs

REPORT = (
    'Campaign report\n"1 - 3 September"\nDay\tCampaign\tCurrency code\tClicks\tCost\n'
    '2026-09-01\tSearch\tEUR\t41\t"1,172.45"\n2026-09-02\tGeneric\tEUR\t0\t0.00\n\n'
    'Total: Account\t--\tEUR\t41\t"1,172.45"\n'
)


def test_a_cost_report_is_its_days_without_titles_and_totals() -> None:
    assert read_ad_costs(REPORT) == {
        "date": ["2026-09-01", "2026-09-02"], "amount": ["1172.45", "0.00"], "currency": ["EUR", "EUR"],
        "note": ["Search", "Generic"], "invoice": ["", ""],
    }  # fmt: skip


def test_a_file_of_another_kind_is_none() -> None:
    assert read_ad_costs("date,amount,currency\n2026-01-01,1,EUR\n") is None
    assert read_ad_costs("") is None
