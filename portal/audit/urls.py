"""One page: the trail."""

from __future__ import annotations

from django.urls import path

from portal.audit import views

urlpatterns = [path("audit/", views.trail, name="audit")]
