"""The accounts that the benchmarks sign up, and the bodies of a journey's requests."""

SIGN_UP = "/api/v1/identity/registration"
VERIFY = "/api/v1/identity/registration/verify"
SIGN_IN = "/api/v1/identity/sign-in"


def account(index: int) -> dict[str, str]:
    """What a sign-up sends."""
    return sign_in_body(index) | {"username": f"bench.user{index}"}


def sign_in_body(index: int) -> dict[str, str]:
    return {"email": f"bench.user{index}@example.com", "password": f"plenty of benchmark {index} words"}


def verify_body(challenge: str, code: str) -> dict[str, str]:
    return {"challenge_id": challenge, "otp": code}
