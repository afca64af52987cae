"""The username check: scoped throttle, Redis, then PostgreSQL; negative caching, batch suggestions."""

import random

from django.core.cache import cache
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from auth_app.models import User

FREE_SECONDS = 300
TAKEN_SECONDS = 3600


def suggestions_for(username: str) -> list[str]:
    """Four or more variants nobody has, found by one query."""
    variants = [
        f"{username}.official",
        f"official_{username}",
        f"{username}_{random.randint(10, 99)}",
        f"real.{username}",
        f"{username}{random.randint(100, 999)}",
        f"the_{username}",
    ]
    taken = set(User.objects.filter(username__in=variants).values_list("username", flat=True))
    return [variant for variant in variants if variant not in taken][:4]


class CheckUsernameView(APIView):
    """Answers whether a username is free."""

    permission_classes = [AllowAny]  # noqa: RUF012 - as Django REST framework projects write it
    throttle_classes = [ScopedRateThrottle]  # noqa: RUF012
    throttle_scope = "username_check"

    def get(self, request):
        username = request.query_params.get("username", "").strip()
        if not username:
            return Response({"error": "username is required"}, status=400)
        key = f"uname_taken_{username}"
        taken = cache.get(key)
        if taken is None:
            taken = User.objects.filter(username=username).exists()
            cache.set(key, taken, TAKEN_SECONDS if taken else FREE_SECONDS)
        return Response(
            {
                "username": username,
                "available": not taken,
                "message": "Username is taken." if taken else "Username is available.",
                "suggestions": suggestions_for(username) if taken else [],
            }
        )
