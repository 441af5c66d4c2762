"""What API Gateway's HTTP API sends, and what it is answered."""

import base64
import json
from typing import Any

import pytest
from chalice import Response

from chalicelib.handlers.gateway import LeadlineApp


def sent(path: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "leadline.example"},
        "requestContext": {"http": {"method": method, "path": path, "sourceIp": "192.0.2.7"}, "requestId": "r-1"},
        "isBase64Encoded": False,
        **more,
    }


@pytest.fixture
def app() -> LeadlineApp:
    made = LeadlineApp(app_name="test")
    made.api.binary_types = ["image/png"]

    @made.route("/echo/{name}", methods=["GET", "POST"], content_types=[])
    def echo(name: str) -> Response:
        request = made.current_request
        told = {
            "name": name,
            "body": request.raw_body.decode("utf-8"),
            "query": request.query_params.getlist("q") if request.query_params else [],
            "cookie": request.headers.get("cookie", ""),
            "ip": request.context["identity"]["sourceIp"],
        }
        return Response(told, {"Set-Cookie": ["a=1", "b=2"], "Content-Type": "application/json"})

    @made.route("/one")
    def one() -> Response:
        return Response("one", {"Set-Cookie": "a=1", "Content-Type": "text/plain"})

    @made.route("/picture")
    def picture() -> Response:
        return Response(b"\x89PNG", {"Content-Type": "image/png"})

    @made.route("/not-found")
    def not_found() -> Response:
        return Response("none", {}, 404)

    return made


def test_a_request_reaches_its_page_with_query_cookies_and_the_visitors_address(app: LeadlineApp) -> None:
    answer = app(sent("/echo/x", rawQueryString="q=a+b&q=%E4%B8%AD&empty=", cookies=["s=1", "t=2"]), None)
    assert answer["statusCode"] == 200
    told = {"name": "x", "body": "", "query": ["a b", "中"], "cookie": "s=1; t=2", "ip": "192.0.2.7"}
    assert json.loads(answer["body"]) == told
    assert answer["cookies"] == ["a=1", "b=2"]
    assert "Set-Cookie" not in answer["headers"]


def test_a_single_cookie_leaves_the_headers_too(app: LeadlineApp) -> None:
    assert app(sent("/one"), None)["cookies"] == ["a=1"]


def test_a_form_post_comes_encoded_and_is_read_as_it_was_sent(app: LeadlineApp) -> None:
    body = base64.b64encode("name=Jürgen".encode()).decode()
    answer = app(sent("/echo/x", "POST", body=body, isBase64Encoded=True), None)
    assert json.loads(answer["body"])["body"] == "name=Jürgen"


def test_a_percent_sign_in_a_path_is_decoded_once(app: LeadlineApp) -> None:
    assert '"name":"50%"' in app(sent("/echo/50%25"), None)["body"]


def test_a_slash_at_the_end_leads_to_the_same_page_and_an_unknown_path_to_ours(app: LeadlineApp) -> None:
    assert app(sent("/one/"), None)["statusCode"] == 200
    assert app(sent("/nowhere"), None)["statusCode"] == 404


def test_head_is_answered_like_get_without_a_body(app: LeadlineApp) -> None:
    answer = app(sent("/picture", "HEAD", headers={"accept": "image/png"}), None)
    assert (answer["statusCode"], answer["body"], answer["isBase64Encoded"]) == (200, "", False)


def test_a_picture_goes_out_encoded(app: LeadlineApp) -> None:
    answer = app(sent("/picture", headers={"accept": "image/png"}), None)
    assert answer["isBase64Encoded"]
    assert base64.b64decode(answer["body"]) == b"\x89PNG"


def test_a_method_a_page_does_not_have_is_a_problem(app: LeadlineApp) -> None:
    answer = app(sent("/one", "DELETE"), None)
    assert answer["statusCode"] == 405
    assert answer["headers"]["Content-Type"] == "application/problem+json"
