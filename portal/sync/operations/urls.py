"""Where the operations pages live, in the namespace of the connections."""

from __future__ import annotations

from django.urls import path

from portal.sync.operations import acts, flows, pages

urlpatterns = [
    path("flows/", flows.flows, name="flows"),
    path("flows/<int:pk>/", flows.flow, name="flow"),
    path("<int:pk>/", pages.operations, name="operations"),
    path("<int:pk>/log/", pages.log, name="log"),
    path("<int:pk>/run/", acts.plan_run, name="plan-run"),
    path("<int:pk>/picked/", acts.picked, name="picked"),
    path("runs/<int:pk>/", pages.run, name="run"),
    path("runs/<int:pk>/stop/", acts.stop, name="stop-run"),
    path("runs/<int:pk>/resolved/", acts.log_resolved, name="log-resolved"),
]
