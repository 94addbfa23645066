"""What works from the start: the app, its installation, and the API user of the legacy side."""

from __future__ import annotations

CLIENT_ID = "cid-sandbox"
CLIENT_SECRET = "cs-sandbox"
REFRESH_TOKEN = "RT-sandbox"
ENV = "acme-ua"
COMPANY = "ACME"
LEGACY_USER = "acme-api"
LEGACY_PASSWORD = "acme-secret"
FACILITIES = {"ATL1": "Atlanta", "RNO2": "Reno"}
