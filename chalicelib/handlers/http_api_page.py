"""The API's reference as a page, made from its OpenAPI document on each request: it cannot say anything else."""

from typing import Any

from chalice import Response

from chalicelib.handlers.api_reference import groups_of, paragraphs, schemas_of
from chalicelib.handlers.openapi import document
from chalicelib.handlers.web import page
from chalicelib.wiring import service


def show_reference(request: Any) -> Response:
    api = document(announced=service().deps.presigned is not None)
    return page(
        request, "api_reference.html", groups=groups_of(api), schemas=schemas_of(api), version=api["info"]["version"],
        about=paragraphs(api["info"]["description"]),
        key=paragraphs(api["components"]["securitySchemes"]["apiKey"]["description"]),
        address=service().settings.address,
    )  # fmt: skip
