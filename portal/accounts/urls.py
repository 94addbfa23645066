"""Login, logout, profile and approvals."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from portal.accounts import views

urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.ChangePassword.as_view(), name="password_change"),
    path("approvals/", views.approval_list, name="approvals"),
    path("approvals/<int:pk>/", views.decide, name="approval-decide"),
]
