"""What can be quoted, with list and floor prices."""

import re
from collections.abc import Mapping
from typing import Any

from chalice import Response

from chalicelib.flows.read_quotes import products_of
from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.quote_fields import PRICES, asked_product, typed_price
from chalicelib.handlers.web import query, redirect
from chalicelib.records.ports import Conflict, NotFound, Put, Stored
from chalicelib.records.quote import Product
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

_ID = re.compile(r"[^a-z0-9]+")


def list_products(request: Any, who: Rep) -> Response:
    found = products_of(service().deps, everything=True)
    return console_page(request, who, "products.html", products=found, said=query(request, "said"))


def new_product(request: Any, who: Rep) -> Response:
    return _form(request, who, None, {"active": "yes"}, {})


def post_product(request: Any, who: Rep) -> Response:
    sent = posted(request)
    return _saved(request, who, Stored(Product(_new_id(str(sent.get("name", ""))), ""), 0), sent)


def show_product(request: Any, who: Rep, product_id: str) -> Response:
    return _form(request, who, product_id, _typed(_product(product_id).value), {})


def post_product_changes(request: Any, who: Rep, product_id: str) -> Response:
    sent = posted(request)
    return _saved(request, who, _product(product_id), sent)


def _product(product_id: str) -> Stored[Product]:
    found = service().deps.store.get(Product, product_id)
    if found is None:
        raise NotFound
    return found


def _new_id(name: str) -> str:
    deps = service().deps
    wanted = _ID.sub("-", name.casefold()).strip("-")[:40]
    return (
        wanted
        if wanted not in ("", "new") and not deps.store.get(Product, wanted)
        else f"product-{deps.new_id()[-8:].lower()}"
    )


def _saved(request: Any, who: Rep, stored: Stored[Product], sent: Mapping[str, Any]) -> Response:
    """Saved, or the page again with what was typed and why."""
    product_id = stored.value.product_id if stored.version else None
    try:
        changed = asked_product(sent, stored.value)
        service().deps.store.commit([Put(changed, stored.version)])
    except Problem as problem:
        errors = {refusal.field: refusal.reason for refusal in problem.errors}
        return _form(request, who, product_id, sent, errors)
    except Conflict:
        answer = _form(request, who, product_id, sent, {"": "Too many changes at once; try again."})
        answer.status_code = 409
        return answer
    return redirect("/app/products?said=saved")


def _form(
    request: Any, who: Rep, product_id: str | None, typed: Mapping[str, Any], errors: Mapping[str, str]
) -> Response:
    answer = console_page(
        request, who, "product.html", product_id=product_id, typed=typed, errors=errors, prices=PRICES,
        currency=service().settings.base_currency,
    )  # fmt: skip
    answer.status_code = 422 if errors else 200
    return answer


def _typed(product: Product) -> dict[str, str]:
    typed = {"name": product.name, "unit": product.unit, "active": "yes" if product.active else ""}
    for number, price in enumerate(product.prices):
        typed[f"currency-{number}"] = price.currency
        typed[f"list-{number}"] = typed_price(price.list_minor, price.currency)
        typed[f"floor-{number}"] = typed_price(price.floor_minor, price.currency)
    return typed
