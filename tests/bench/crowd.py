"""The inbox beside its alternatives: no sequential scan, a page while messages pour in, and Django's admin on the same rows."""

from __future__ import annotations

import json
import multiprocessing
import time
from typing import Any

from django.contrib import admin
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from exceptions.cases import CaseEntry, NewCase, open_cases
from exceptions.models import CaseKey, ExceptionCase
from portal.accounts.models import User
from tests.bench.table import Row, row, timed

BIG = {ExceptionCase._meta.db_table, CaseKey._meta.db_table}
LOOKS = 40
POUR, EVERY_S = 25, 0.25  # a hundred cases a second


@admin.register(ExceptionCase)
class StockAdmin(admin.ModelAdmin):
    """What one gets for three lines; registered by the bench alone."""

    list_display = ("kind", "cause", "owner", "severity", "state", "due_at", "worth", "items_open", "assignee", "connection")
    list_filter = ("owner", "kind", "severity", "state", "connection")
    list_per_page = 50


def crowd_rows(client: Client, number: int) -> list[Row]:
    """On the cases that are there; `number` is in an order number that one of them is found by."""
    return [scan_row(client, number), admin_row(client), pour_row(client)]


def scan_row(client: Client, number: int) -> Row:
    """Every statement of the list and of the three searches, explained."""
    with CaptureQueriesContext(connection) as captured:
        for query in ({}, {"q": f"WEB-{number}"}, {"q": f"WEB-{number // 100}"}, {"q": f"{number}"}, {"kind": "E05"}, {"show": "closed"}):
            client.get("/inbox/", query)
    statements = [query["sql"] for query in captured.captured_queries if query["sql"].lstrip().upper().startswith(("SELECT", "WITH"))]
    scans = 0
    with connection.cursor() as cursor:
        for statement in statements:
            if any(table in statement for table in BIG):
                cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
                plan = cursor.fetchone()[0]
                scans += sequential(plan if isinstance(plan, list) else json.loads(plan))
    return row("sequential scans in list and search", scans, 1, unit="", goal=0, limit=0)


def sequential(plan: Any) -> int:
    """How many nodes read a whole big table."""
    if isinstance(plan, list):
        return sum(map(sequential, plan))
    own = plan.get("Node Type") == "Seq Scan" and plan.get("Relation Name") in BIG
    return int(own) + sum(sequential(plan[name]) for name in ("Plan", "Plans") if name in plan)


def admin_row(client: Client) -> Row:
    chief = Client()
    chief.force_login(User.objects.create_superuser("chief", password=None))
    address = reverse("admin:exceptions_exceptioncase_changelist")
    assert chief.get(address).status_code == 200
    stock = timed(lambda: chief.get(address), repeats=3)
    return row("Django admin's list of the same cases / inbox page", stock, timed(lambda: client.get("/inbox/")), goal=30, limit=15, more=True)


def pour_row(client: Client) -> Row:
    """The slowest twentieth of the pages, in turns: quiet, pouring, quiet …"""
    quiet, pouring = [], []
    for _ in range(2):
        quiet += looks(client)
        connections.close_all()
        pourer = multiprocessing.get_context("fork").Process(target=pour, daemon=True)
        pourer.start()
        time.sleep(4 * EVERY_S)
        pouring += looks(client)
        pourer.terminate()
        pourer.join()
    return row("inbox p95 while messages pour in / idle", p95(pouring), p95(quiet), goal=2, limit=4)


def looks(client: Client) -> list[float]:
    spans = []
    for _ in range(LOOKS // 2):
        started = time.perf_counter()
        client.get("/inbox/")
        spans.append((time.perf_counter() - started) * 1000)
    return spans


def p95(spans: list[float]) -> float:
    return sorted(spans)[int(len(spans) * 0.95)]


def pour() -> None:
    """Cases open and grow at a steady rate, until this process is stopped."""
    number = 0
    while True:
        at = timezone.now()
        open_cases(
            [
                NewCase("E05", f"poured-{one % 2000}", "It pours.", at, [CaseEntry(f"order:{one}", f"P-{one}", at)])
                for one in range(number, number + POUR)
            ]
        )
        number += POUR
        time.sleep(EVERY_S)
