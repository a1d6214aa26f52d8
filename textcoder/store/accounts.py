"""Accounts, their tokens, and who may do what in which project."""

from __future__ import annotations

from sqlalchemy import func, select

from textcoder.store import schema
from textcoder.store.connection import Database


class Accounts:
    """Who may use a service over a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def exist(self) -> bool:
        """Whether there is any account: without one, whoever reaches the service may do everything."""
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(schema.accounts)).scalar_one() > 0
