"""The one path the peer answers."""

from auth_app.views import CheckUsernameView
from django.urls import path

urlpatterns = [path("auth/kn/check-username/", CheckUsernameView.as_view())]
