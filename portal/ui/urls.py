"""The theme switch and the page that shows every component."""

from __future__ import annotations

from django.urls import path

from portal.ui import keys, theme, views

urlpatterns = [
    path("ui/theme/", theme.switch, name="theme"),
    path("ui/keys/", keys.switch, name="single-keys"),
    path("ui/", views.style_page, name="style"),
]
