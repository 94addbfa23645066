"""Where the inbox's pages live."""

from __future__ import annotations

from django.urls import path, re_path

from exceptions.views import acts, bulk, case, checklists, inbox, notifications, saved

app_name = "exceptions"
urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/numbers/", inbox.numbers, name="numbers"),
    path("checklists/", checklists.page, name="checklists"),
    path("checklists/<slug:code>/tick/", checklists.tick, name="checklist-tick"),
    path("checklists/<slug:code>/sign/", checklists.sign, name="checklist-sign"),
    path("inbox/many/", bulk.start, name="bulk-start"),
    path("inbox/many/<int:pk>/", bulk.progress, name="bulk"),
    path("inbox/many/<int:pk>/end/", bulk.end, name="bulk-end"),
    path("inbox/views/", saved.keep, name="keep-view"),
    path("inbox/views/<int:pk>/remove/", saved.remove, name="remove-view"),
    path("notifications/", notifications.mine, name="notifications"),
    path("notifications/<str:team>/", notifications.of_team, name="team-notifications"),
    path("inbox/<int:pk>/", case.case_page, name="case"),
    path("inbox/<int:pk>/items/", case.all_items, name="items"),
    path("inbox/<int:pk>/bundle/", case.evidence_bundle, name="bundle"),
    path("inbox/<int:pk>/progress/", case.progress, name="progress"),
    path("inbox/<int:pk>/presence/", acts.who_is_here, name="presence"),
    path("inbox/<int:pk>/do/<slug:name>/", acts.run_action, name="do"),
    re_path(rf"^inbox/(?P<pk>[0-9]{{1,18}})/(?P<name>{'|'.join(acts.ACTS)})/$", acts.act, name="act"),
]
