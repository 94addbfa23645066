"""Order documents: OR72 list, OR73 download, OR74 upload (its errors inside a 200), OR76 delete."""

from __future__ import annotations

import io
import json
import zipfile

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.mirakl.answers import Refused, no_content, stamp
from connectors.sandbox.mirakl.fields import commas, objects
from connectors.sandbox.mirakl.lifecycle import touch
from connectors.sandbox.mirakl.models import Json
from connectors.sandbox.mirakl.orders import find_order
from connectors.sandbox.mirakl.reference import DOCUMENT_TYPES
from connectors.sandbox.mirakl.store import shop, state

bp = Blueprint("mirakl_documents", __name__, url_prefix="/api/orders")
ENDINGS = ["csv", "doc", "xls", "xlsx", "ppt", "pdf", "odt", "ods", "odp", "txt", "rtf", "png", "jpg", "gif", "zpl", "mov", "mp4"]
MOST = 50


def document_view(document: Json) -> Json:
    return {name: value for name, value in document.items() if name != "data"} | {"date_uploaded": stamp(document["date_uploaded"])}


@bp.get("/documents", endpoint="OR72")
def list_documents() -> Response:
    wanted = commas(request.args, "order_ids")
    if not wanted:
        raise Refused(400, "The parameter order_ids is required")
    return jsonify(order_documents=[document_view(each) for each in shop().documents.values() if each["order_id"] in wanted])


@bp.get("/documents/download", endpoint="OR73")
def download() -> Response:
    """One id: the file itself. Several, or an order's: a ZIP with a folder for each order."""
    ids, order_ids, codes = (commas(request.args, name) for name in ("document_ids", "order_ids", "document_codes"))
    found = [each for each in shop().documents.values() if str(each["id"]) in ids or each["order_id"] in order_ids]
    found = [each for each in found if not codes or each["type"] in codes]
    if not found:
        raise Refused(404)
    if len(ids) == 1 and not order_ids:
        return file_answer(found[0]["data"], found[0]["file_name"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for each in found:
            archive.writestr(f"{each['order_id']}/{each['file_name']}", each["data"])
    return file_answer(packed.getvalue(), "documents.zip")


def file_answer(data: bytes, name: str) -> Response:
    answer = Response(data, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.post("/<order_id>/documents", endpoint="OR74")
def upload(order_id: str) -> Response:
    here, mine = state(), shop()
    order = find_order(mine, order_id)
    if request.mimetype != "multipart/form-data":
        raise Refused(415)
    files = {part.filename or "": part.read() for part in request.files.getlist("files")}
    failed = []
    described = describe()
    held = sum(each["order_id"] == order_id for each in mine.documents.values())
    for item in described:
        name, code = str(item.get("file_name", "")), item.get("type_code")
        error = fault(name, code, files, held=held)
        if error:
            failed.append({"input": item, "errors": [error]})
            continue
        id, held = here.next_id("document"), held + 1
        mine.documents[id] = {"id": id, "order_id": order_id, "file_name": name, "file_size": len(files[name]), "type": code}
        mine.documents[id] |= {"date_uploaded": here.now(), "data": files[name]}
        order.has_invoice = order.has_invoice or code == "CUSTOMER_INVOICE"
    touch(mine, order, at=here.now(), lines=[])
    return jsonify(errors_count=len(failed), order_documents=failed)


def describe() -> list[Json]:
    """The JSON part `order_documents`, sent as a field or as a file part of its own."""
    part = request.files.get("order_documents")
    written = part.read().decode() if part else request.form.get("order_documents", "")
    try:
        body = json.loads(written)
    except ValueError:
        raise Refused(400, "Bad Request") from None
    if not isinstance(body, dict):
        raise Refused(400, "Bad Request")
    return objects(body, "order_documents", most=MOST)


def fault(name: str, code: object, files: dict[str, bytes], *, held: int) -> Json | None:
    rules = {
        "file_name": (name in files and name.isascii() and name.rpartition(".")[2].lower() in ENDINGS, "The file is missing or not allowed"),
        "type_code": (code in DOCUMENT_TYPES and not str(code).startswith("SYSTEM_"), "The document type is not valid"),
        "order_id": (held < MOST, "The order has too many documents"),
    }
    return next(({"code": "INVALID", "field": field, "message": message} for field, (good, message) in rules.items() if not good), None)


@bp.delete("/documents/<int:document_id>", endpoint="OR76")
def delete(document_id: int) -> Response:
    if shop().documents.pop(document_id, None) is None:
        raise Refused(404)
    return no_content()
