"""Routes, bodies and the request per thread."""

import io
import threading
from typing import Any

import pytest
from chalice import Response

from chalicelib.handlers.gateway import MAX_BODY, TOO_LARGE, Gateway, LeadlineApp, Routes


def environ(path: str, method: str = "GET", body: bytes = b"", **more: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "REMOTE_ADDR": "127.0.0.1",
        **more,
    }


def call(app: LeadlineApp, sent: dict[str, Any]) -> tuple[str, dict[str, str], bytes]:
    answer: list[Any] = []
    body = Gateway(app)(sent, lambda status, headers: answer.extend((status, dict(headers))))
    return answer[0], answer[1], b"".join(body)


@pytest.fixture
def app() -> LeadlineApp:
    made = LeadlineApp(app_name="test")
    barrier = threading.Barrier(2, timeout=5)

    @made.route("/echo", methods=["POST"], content_types=[])
    def echo() -> Response:
        return Response(made.current_request.raw_body.hex(), {"Content-Type": "text/plain"})

    @made.route("/who/{name}")
    def who(name: str) -> Response:
        barrier.wait()
        return Response(
            made.current_request.uri_params["name"], {"Content-Type": "text/plain", "Set-Cookie": ["a", "b"]}
        )

    @made.route("/not-found")
    def not_found() -> Response:
        return Response("none", {}, 404)

    return made


def test_literal_routes_come_before_placeholders_and_values_are_taken_as_they_are() -> None:
    routes = Routes(["/a/{x}", "/a/b", "/a/{x}/c", "/a/{x}/{y}"])
    assert routes.match("/a/b") == ("/a/b", {})
    assert routes.match("/a/z z") == ("/a/{x}", {"x": "z z"})
    # WSGI has decoded the path; what still looks encoded was sent that way.
    assert routes.match("/a/..%2Fz") == ("/a/{x}", {"x": "..%2Fz"})
    assert routes.match("/a/z/c") == ("/a/{x}/c", {"x": "z"})
    assert routes.match("/a/") is None
    assert routes.match("/a/1/2/3") is None


@pytest.mark.parametrize("body", [b"", b"text", "文".encode(), b"\x00\xff\xfe"])
def test_a_body_arrives_byte_for_byte(app: LeadlineApp, body: bytes) -> None:
    status, _, answer = call(app, environ("/echo", "POST", body))
    assert status == "200 OK"
    assert bytes.fromhex(answer.decode()) == body


def test_a_body_over_the_limit_is_not_read_and_the_app_is_told(app: LeadlineApp) -> None:
    told: list[bool] = []

    @app.route("/size", methods=["POST"], content_types=[])
    def size() -> Response:
        told.append(app.current_request.context[TOO_LARGE])
        return Response(app.current_request.raw_body, {"Content-Type": "text/plain"})

    for length in (4, MAX_BODY + 1):
        sent = environ("/size", "POST", b"text")
        sent["CONTENT_LENGTH"] = str(length)
        assert call(app, sent)[2] == (b"text" if length == 4 else b"")
    assert told == [False, True]


def test_two_requests_at_once_each_see_their_own(app: LeadlineApp) -> None:
    seen: dict[str, bytes] = {}

    def one(name: str) -> None:
        seen[name] = call(app, environ(f"/who/{name}"))[2]

    threads = [threading.Thread(target=one, args=(name,)) for name in ("anna", "ben")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {"anna": b"anna", "ben": b"ben"}


def test_an_unknown_path_is_the_not_found_route(app: LeadlineApp) -> None:
    assert call(app, environ("/nothing"))[0].startswith("404")
