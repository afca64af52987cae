"""A store's patience in races, where hundreds share ten connections and one contested row: on a busy machine
the last of them wait longer than anybody who waits for an answer is made to."""

from datetime import timedelta

from multiproduct.adapters.sql import PostgresSettings

PATIENCE = timedelta(seconds=100)
PATIENT = PostgresSettings(pool_timeout=PATIENCE, lock_timeout=PATIENCE, statement_timeout=PATIENCE)
