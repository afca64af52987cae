"""Hashes that people bring along: made by real Django and real bcrypt, taken within limits, brought up to
date."""

import json
import subprocess
import sys
import time

import pytest

from multiproduct.adapters.passlib import HashCost, PasslibPasswordHasher
from multiproduct.adapters.passlib.accepted_hashes import is_accepted

PASSWORD = "Grüße aus Täbris 🦊"
LONG = "a pass phrase that goes on for far more than the seventy-two bytes that bcrypt reads of it"
_DJANGO = """
import json, sys
from django.conf import settings
settings.configure(PASSWORD_HASHERS=[
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.BCryptPasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
])
from django.contrib.auth import hashers
hashers.BCryptSHA256PasswordHasher.rounds = hashers.BCryptPasswordHasher.rounds = 4
hashers.PBKDF2PasswordHasher.iterations = 1000
hashers.Argon2PasswordHasher.memory_cost, hashers.Argon2PasswordHasher.time_cost = 64, 1
words, names = json.load(sys.stdin)
print(json.dumps({name: [hashers.make_password(word, hasher=name) for word in words] for name in names}))
"""
NAMES = ("pbkdf2_sha256", "bcrypt_sha256", "bcrypt", "argon2")


@pytest.fixture(scope="module")
def by_django():
    """Hashes of both passwords, by the name of Django's hasher."""
    pytest.importorskip("django", reason="Django, which makes the hashes, is not installed")
    short_for_bcrypt = [PASSWORD, LONG[:70]]
    done = subprocess.run(
        [sys.executable, "-c", _DJANGO],
        input=json.dumps([short_for_bcrypt, NAMES]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


@pytest.fixture
def hasher():
    made = PasslibPasswordHasher(cost=HashCost.test(), cores=2)
    yield made
    made.close()


@pytest.mark.parametrize("name", NAMES)
async def test_a_hash_made_by_django_is_checked_and_brought_up_to_date(hasher, by_django, name):
    for password, hashed in zip((PASSWORD, LONG[:70]), by_django[name], strict=True):
        assert hasher.takes(hashed)
        assert not (await hasher.check(password + "!", hashed)).matches
        right = await hasher.check(password, hashed)
        assert right.matches
        assert right.new_hash is not None
        assert right.new_hash.startswith("$argon2id$")
        again = await hasher.check(password, right.new_hash)
        assert again.matches
        assert again.new_hash is None


@pytest.mark.parametrize("mark", [b"2a", b"2b"])
async def test_a_hash_made_by_bcrypt_is_checked_and_brought_up_to_date(hasher, mark):
    bcrypt = pytest.importorskip("bcrypt", reason="bcrypt, which makes the hashes, is not installed")
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4, mark)).decode()
    right = await hasher.check(PASSWORD, hashed)
    assert right.matches
    assert right.new_hash is not None
    assert right.new_hash.startswith("$argon2id$")
    assert not (await hasher.check("another", hashed)).matches


async def test_phps_mark_of_bcrypt_is_the_same_hash(hasher):
    bcrypt = pytest.importorskip("bcrypt", reason="bcrypt, which makes the hashes, is not installed")
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$")
    assert (await hasher.check(PASSWORD, hashed)).matches


async def test_bcrypt_reads_72_bytes_and_the_new_hash_reads_all(hasher):
    bcrypt = pytest.importorskip("bcrypt", reason="bcrypt, which makes the hashes, is not installed")
    hashed = bcrypt.hashpw(LONG.encode()[:72], bcrypt.gensalt(4)).decode()
    right = await hasher.check(LONG, hashed)
    assert right.matches
    assert (await hasher.check(LONG, right.new_hash)).matches
    assert not (await hasher.check(LONG[:72], right.new_hash)).matches


def test_without_bcrypt_its_hashes_match_nothing_and_the_log_says_what_to_install() -> None:
    script = (
        "import logging, sys\nsys.modules['bcrypt'] = None\nlogging.basicConfig()\n"
        "from multiproduct.adapters.passlib.hashing import HashCost, Hashing\n"
        "hashing = Hashing(HashCost.test())\n"
        "print(hashing.check('secret', hashing.hash('secret')).check.matches)\n"
        f"print(hashing.check('secret', '$2b$12${_B53}').check.matches)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
    assert "multiproduct[legacy-hashes]" in done.stderr
    assert _B53 not in done.stderr


_SALT, _HASH = "c29tZXNhbHRzb21lc2FsdA", "A" * 43
_B53 = "N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"


@pytest.mark.parametrize(
    "hashed",
    [
        f"$argon2id$v=19$m=131072,t=2,p=16${_SALT}${_HASH}",
        f"$argon2id$v=19$m=65536,t=4,p=1${_SALT}${_HASH}",
        f"argon2$argon2id$v=19$m=102400,t=2,p=8${_SALT}${_HASH}",
        f"$2b$14${_B53}",
        f"bcrypt$$2b$12${_B53}",
        f"bcrypt_sha256$$2b$12${_B53}",
        f"pbkdf2_sha256$2000000$salt${_HASH}=",
    ],
)
def test_costs_up_to_the_ceilings_are_taken(hashed):
    assert is_accepted(hashed)


@pytest.mark.parametrize(
    "hashed",
    [
        f"$argon2id$v=19$m=131073,t=1,p=1${_SALT}${_HASH}",
        f"$argon2id$v=19$m=131072,t=3,p=1${_SALT}${_HASH}",
        f"$argon2id$v=19$m=19456,t=5,p=1${_SALT}${_HASH}",
        f"$argon2id$v=19$m=19456,t=1,p=17${_SALT}${_HASH}",
        f"argon2$argon2id$v=19$m=4294967295,t=2,p=8${_SALT}${_HASH}",
        f"$argon2id$v=19$m=8,t=1,p=2${_SALT}${_HASH}",
        f"$argon2id$v=16$m=19456,t=1,p=1${_SALT}${_HASH}",
        f"$argon2id$v=19$m=8,t=1,p=1${'A' * 13}${_HASH}",
        f"argon2$argon2i$v=19$m=8,t=1,p=1${_SALT}${'A' * 17}",
        f"$argon2id$v=19$m=8,t=1,p=1${_SALT}${_HASH[:-1]}B",
        f"$2b$15${_B53}",
        f"$2b$31${_B53}",
        f"bcrypt_sha256$$2b$31${_B53}",
        f"bcrypt$2b$12${_B53}",
        f"$$2b$12${_B53}",
        f"pbkdf2_sha256$2000001$salt${_HASH}=",
        f"pbkdf2_sha256$999999999999$salt${_HASH}=",
        f"pbkdf2_sha1$1000$salt${_HASH}=",
        "md5$salt$5f4dcc3b5aa765d61d8327deb882cf99",
        "!unusable",
        "plain words",
        "",
        f"$2b$12${_B53}\n",
        "pbkdf2_sha256$1000$" + "s" * 600,
    ],
)
async def test_what_costs_more_or_is_unknown_is_never_computed(hasher, hashed, monkeypatch):
    computed = []
    context = hasher._workshop._place._passlib()
    real = context.verify_and_update
    monkeypatch.setattr(
        context,
        "verify_and_update",
        lambda secret, against: computed.append(against) or real(secret, against),
    )
    assert not hasher.takes(hashed)
    assert not (await hasher.check(PASSWORD, hashed)).matches
    assert computed == [hasher._workshop._place._nobody], "the work of nobody's hash, and no other"


async def test_a_refusal_takes_as_long_as_one_by_the_slowest_foreign_hash(hasher, monkeypatch):
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    monkeypatch.setattr("multiproduct.adapters.passlib.passwords.asyncio.sleep", sleep)
    await hasher.check("x", None)
    assert slept == [], "nothing to be like yet"
    monkeypatch.setattr(time, "perf_counter", iter([0.0, 0.5, 0.0, 0.1, 0.0, 0.5]).__next__)
    await hasher.check("x", f"pbkdf2_sha256$10$salt${_HASH}=")
    await hasher.check("x", None)
    await hasher.check("x", f"pbkdf2_sha256$10$salt${_HASH}=")
    assert slept == [pytest.approx(0.4)]


@pytest.mark.parametrize(
    "hashed", [f"pbkdf2_sha256$10$salt${_HASH}=", f"$argon2id$v=19$m=8,t=2,p=1${_SALT}${_HASH}"]
)
async def test_a_refusal_by_a_hash_of_another_cost_does_the_usual_work_too(hasher, hashed, monkeypatch):
    await hasher.check("x", None)
    context = hasher._workshop._place._passlib()
    compared = []
    monkeypatch.setattr(
        context, "verify_and_update", lambda *given: compared.append(given[1]) or (False, None)
    )
    monkeypatch.setattr(context, "verify", lambda *given: compared.append(given[1]) or False)
    await hasher.check("x", hashed)
    assert compared == [hashed, hasher._workshop._place._nobody]


async def test_nobody_waits_as_long_as_by_a_hash_that_is_cheaper(hasher):
    cheap, mine = f"pbkdf2_sha256$10$salt${_HASH}=", await hasher.hash(PASSWORD)
    await hasher.check("x", cheap)
    assert hasher._slowest_foreign > 0, "what every refusal is brought up to"
    before = hasher._slowest_foreign
    await hasher.check("x", mine)
    assert hasher._slowest_foreign == before, "a hash made here sets no pace"


async def test_a_hash_that_the_library_cannot_read_costs_the_usual_work_and_is_not_told(
    hasher, monkeypatch, caplog
):
    def cannot_read(_password, hashed):
        raise ValueError(f"malformed: {hashed}")

    mine = await hasher.hash(PASSWORD)
    await hasher.check("x", None)
    context = hasher._workshop._place._passlib()
    compared = []
    monkeypatch.setattr(context, "verify_and_update", cannot_read)
    monkeypatch.setattr(context, "verify", lambda *given: compared.append(given[1]) or False)
    assert not (await hasher.check(PASSWORD, mine)).matches
    assert compared == [hasher._workshop._place._nobody]
    assert mine not in caplog.text
