"""Where the inbox's pages live."""

from __future__ import annotations

from django.urls import path, re_path

from exceptions.views import acts, case, inbox

app_name = "exceptions"
urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/numbers/", inbox.numbers, name="numbers"),
    path("inbox/<int:pk>/", case.case_page, name="case"),
    path("inbox/<int:pk>/items/", case.all_items, name="items"),
    path("inbox/<int:pk>/presence/", acts.who_is_here, name="presence"),
    path("inbox/<int:pk>/do/<slug:name>/", acts.run_action, name="do"),
    re_path(rf"^inbox/(?P<pk>[0-9]{{1,18}})/(?P<name>{'|'.join(acts.ACTS)})/$", acts.act, name="act"),
]
