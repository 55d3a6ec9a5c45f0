"""Stored files: the row is the truth, the bytes lie in the storage under ``storage_key``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from supportapp.database import Model, UtcDateTime


class StoredFile(Model):
    """An uploaded file. Until a message takes it, only its uploader sees it, and after a day it is swept away.

    ``draft`` groups the files uploaded for one form before it was sent; ``public_id`` is unguessable, yet no access
    follows from knowing it. ``secret`` names the kinds of secrets that its sender let through (``guard.findings``).
    """

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column()
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(100), unique=True)
    thumbnail_key: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    draft: Mapped[str] = mapped_column(String(64), default="", index=True)
    attached_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    secret: Mapped[str] = mapped_column(String(100), default="", server_default="")

    @property
    def is_image(self) -> bool:
        return self.thumbnail_key is not None

    def __repr__(self) -> str:
        return self.name
