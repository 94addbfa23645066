"""Where the mapping pages live."""

from __future__ import annotations

from django.urls import path

from mappings.views import attributes, editing, files, overview

app_name = "mappings"
urlpatterns = [
    path("mappings/", overview.overview, name="list"),
    path("mappings/unmapped/", overview.unmapped, name="unmapped"),
    path("mappings/attributes/", attributes.attribute_list, name="attributes"),
    path("mappings/attributes/<int:pk>/", attributes.decide, name="decide-attribute"),
    path("mappings/files/<int:pk>/", files.file, name="file"),
    path("mappings/<slug:slug>/", overview.rows_of_kind, name="kind"),
    path("mappings/<slug:slug>/add/", editing.add, name="add"),
    path("mappings/<slug:slug>/export/", files.export, name="export"),
    path("mappings/<slug:slug>/import/", files.bring, name="import"),
    path("mappings/<slug:slug>/on-missing/<int:pk>/", overview.on_missing, name="on-missing"),
    path("mappings/<slug:slug>/<int:pk>/", editing.row, name="row"),
    path("mappings/<slug:slug>/<int:pk>/change/", editing.edit, name="edit"),
    path("mappings/<slug:slug>/<int:pk>/end/", editing.end, name="end"),
    path("mappings/<slug:slug>/<int:pk>/back-to/<int:version>/", editing.revert, name="revert"),
]
