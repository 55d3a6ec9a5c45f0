"""Extensions: made here without an application, configured in ``create_app``."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app
from flask_bootstrap import Bootstrap5
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.local import LocalProxy

from supportapp.database import Model

if TYPE_CHECKING:
    from config import Settings

# create_savepoint matters only to a session that joins a transaction from outside, as the tests' do.
db = SQLAlchemy(metadata=Model.metadata, session_options={"join_transaction_mode": "create_savepoint"})
migrate = Migrate()
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)
bootstrap = Bootstrap5()


def connect_redis(url: str, *, timeout: float = 30) -> Redis:
    """A client that fails within a second instead of blocking a page: Redis is a bell, the database is the truth."""
    return Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=1, socket_timeout=timeout)


settings = cast("Settings", LocalProxy(lambda: current_app.extensions["settings"]))
redis = cast("Redis", LocalProxy(lambda: current_app.extensions["redis_client"]))
