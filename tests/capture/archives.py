"""Spreadsheets and archives made for tests."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

ODF = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
)


def zipped(*parts: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return out.getvalue()


def said(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{escape(text)}</text:p></table:table-cell>'


def line(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def table(name: str, *rows: str, style: str = "shown") -> str:
    return f'<table:table table:name="{name}" table:style-name="{style}">{"".join(rows)}</table:table>'


def people(*rows: Sequence[str]) -> str:
    return "".join(line(*map(said, row)) for row in rows)


def ods(*tables: str, before: str = "") -> bytes:
    """An OpenDocument spreadsheet; tables of the style "hidden" are not shown."""
    styles = (
        '<style:style style:name="shown"><style:table-properties table:display="true"/></style:style>'
        '<style:style style:name="hidden"><style:table-properties table:display="false"/></style:style>'
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content {ODF}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>{''.join(tables)}"
        "</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), kind)
        archive.writestr("content.xml", content)
    return out.getvalue()
