"""The scan for canaries itself: whatever is planted anywhere, in whatever form, is found."""

import asyncio
import base64
import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pika
import pytest
import redis.asyncio
from tests.integration.journeys.canaries import Canary, Sink, findings, forms
from tests.integration.journeys.canary_queues import rabbit_sinks, rabbit_witness
from tests.integration.journeys.canary_sinks import (
    file_sinks,
    plain,
    postgres_sinks,
    redis_sinks,
    redis_witness,
    sqlite_sinks,
    witness_postgres,
)

SECRET = Canary("planted", b"\x00\xffa planted secret, of 32 bytes/+")
CODE_IN_USE = Canary("code", b"483920", is_short=True)


@pytest.mark.parametrize("form", forms(SECRET))
def test_each_form_of_a_secret_is_found(form: str) -> None:
    sink = Sink("log", b"before " + forms(SECRET)[form] + b" after")
    assert {(each.canary, each.sink) for each in findings([SECRET], [sink])} == {("planted", "log")}
    assert findings([SECRET], [Sink("log", b"before  after")]) == []


@pytest.mark.parametrize("before", [b"", b"1", b"12", b"123", b"\xff\xfe"])
@pytest.mark.parametrize("after", [b"", b"9", b"98"])
def test_a_secret_within_something_encoded_is_found(before: bytes, after: bytes) -> None:
    whole = before + SECRET.value + after
    for text in (base64.b64encode(whole), base64.urlsafe_b64encode(whole).rstrip(b"="), whole.hex().encode()):
        assert findings([SECRET], [Sink("queue", text)]), text


@pytest.mark.parametrize(
    "around",
    [
        '"%s"',
        "code %s.",
        "otp=%s",
        "(%s)",
        "/otp/%s",
        "%%22%s%%22",
        "[%s, 1]",
        "%s",
        "\t%s\n",
        "'%s'",
        ":%s,",
        "code:%s",
    ],
)
def test_a_short_code_is_found_as_a_word(around: str) -> None:
    assert findings([CODE_IN_USE], [Sink("log", (around % "483920").encode())])


@pytest.mark.parametrize(
    "text",
    [
        "1483920",
        "4839201",
        "12:00:01.483920Z",
        "0199a4d2-483920ab",
        "483920.5",
        "a483920",
        "id-483920-x",
        "48392",
    ],
)
def test_a_short_code_within_a_number_an_id_or_a_moment_is_none(text: str) -> None:
    assert findings([CODE_IN_USE], [Sink("log", text.encode())]) == []


async def test_what_is_planted_in_postgres_is_found_also_if_it_is_gone_again(postgres_database: str) -> None:
    connection = await asyncpg.connect(plain(postgres_database))
    try:
        await connection.execute("CREATE TABLE planted (words text, bytes bytea, document jsonb)")
        await witness_postgres(postgres_database)
        for column, value in (("words", "kept for good"), ("bytes", b"\0\xffkept for good")):
            await connection.execute(f"INSERT INTO planted ({column}) VALUES ($1)", value)
        await connection.execute("INSERT INTO planted (document) VALUES ($1)", '{"a": ["gone soon again"]}')
        await connection.execute("UPDATE planted SET document = NULL")
    finally:
        await connection.close()
    sinks = await postgres_sinks(postgres_database)
    assert found_in([Canary("kept", b"kept for good")], sinks) == {
        "PostgreSQL public.planted",
        "PostgreSQL public.planted, binary columns",
        "PostgreSQL witness.written",
    }
    assert found_in([Canary("gone", b"gone soon again")], sinks) == {"PostgreSQL witness.written"}


async def test_what_is_planted_in_redis_is_found_also_if_it_is_gone_again(redis_database: str) -> None:
    value = b'\0\xff"planted" secret\n'
    async with redis.asyncio.Redis.from_url(redis_database) as client:
        with redis_witness(redis_database) as witness:
            await client.rpush("gone", value)
            await client.lpop("gone")
            await client.ping()
            await asyncio.sleep(0.2)
        assert found_in([Canary("gone", value)], witness.sinks) == {"Redis commands, unescaped"}
        assert found_in([Canary("gone", value)], await redis_sinks(redis_database)) == set()
        for number, plant in enumerate(
            (
                client.set("string", value),
                client.set(value, "as a key"),
                client.rpush("list", value),
                client.sadd("set", value),
                client.hset("hash", "field", value),
                client.hset("hash", value, "as a field"),
                client.zadd("sorted", {value: 1}),
                client.xadd("stream", {"field": value}),
            )
        ):
            await plant
            assert found_in([Canary("kept", value)], await redis_sinks(redis_database)), number
            await client.flushdb()


def test_what_is_planted_in_rabbitmq_is_found_also_if_it_is_gone_again(amqp_url: str) -> None:
    queue = "multiproduct"
    with rabbit_witness(amqp_url) as witness:
        connection = pika.BlockingConnection(pika.URLParameters(witness.url))
        channel = connection.channel()
        channel.queue_delete(queue)  # others may have declared it in their way
        channel.queue_declare(queue, durable=True)
        for body, reply in ((b"gone \xffsoon again", "x"), (b"kept for \xffgood", "kept in a heading")):
            channel.basic_publish("", queue, body, pika.BasicProperties(reply_to=reply))
        assert channel.basic_get(queue, auto_ack=True)[2] == b"gone \xffsoon again"
        connection.close()
        for canary in (Canary("kept", b"kept for \xffgood"), Canary("kept", b"kept in a heading")):
            assert found_in([canary], rabbit_sinks(amqp_url)) == {"RabbitMQ queues"}
            assert found_in([canary], witness.sinks) == {"RabbitMQ connections"}
        gone = Canary("gone", b"gone \xffsoon again")
        assert found_in([gone], rabbit_sinks(amqp_url)) == set()
        assert found_in([gone], witness.sinks) == {"RabbitMQ connections"}
    with rabbit_witness(amqp_url):
        assert rabbit_sinks(amqp_url)[0].content == b""


def test_what_is_planted_in_sqlite_or_a_file_is_found_also_if_it_is_gone_again(tmp_path: Path) -> None:
    file = tmp_path / "planted.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE planted (words TEXT, bytes BLOB)")
        connection.execute("INSERT INTO planted VALUES ('gone soon again', x'00')")
        connection.commit()
        connection.execute("DELETE FROM planted")
        connection.execute("INSERT INTO planted VALUES ('', CAST('kept for good' AS BLOB))")
        connection.commit()
        sinks = sqlite_sinks(file)
    assert "SQLite dump of planted.db" in found_in([Canary("kept", b"kept for good")], sinks)
    assert found_in([Canary("gone", b"gone soon again")], sinks) == {"SQLite file planted.db-wal"}
    (tmp_path / "mailbox").mkdir()
    (tmp_path / "mailbox" / "mail").write_bytes(SECRET.value)
    assert file_sinks(tmp_path / "mailbox", besides={}) != []
    assert found_in([SECRET], file_sinks(tmp_path, besides={"mailbox": "people's own"})) == set()
    (tmp_path / "server.log").write_bytes(SECRET.value)
    assert found_in([SECRET], file_sinks(tmp_path, besides={"mailbox": "people's own"})) == {
        "file server.log"
    }


def found_in(canaries: list[Canary], sinks: list[Sink]) -> set[str]:
    return {each.sink for each in findings(canaries, sinks)}
