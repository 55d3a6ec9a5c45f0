"""Bytes in, facts out: what a mail says, who wrote it, and whether a person did. No database, no settings."""
