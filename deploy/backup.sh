#!/usr/bin/env bash
# One backup: backup.sh FOLDER makes FOLDER/portal-<UTC time>/ with the database, the attachments and checksums.
# Reads DATABASE_URL, VAR_DIR and FILES_URL as the portal does; may run while the portal works. With BACKUP_KEEP=N the
# N newest stay. Redis (bells only) and the search index (flask reindex) need no backup. pg_dump is needed for PostgreSQL.
set -euo pipefail
umask 077

root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
target=${1:?usage: backup.sh FOLDER}
var=${VAR_DIR:-$root/var}
url=${DATABASE_URL:-sqlite:///$var/portal.db}
files=${FILES_URL:-file://$var/files}

mkdir -p "$target"
name=portal-$(date -u +%Y%m%dT%H%M%SZ)
work=$(mktemp -d "$target/.$name.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The database first: a file that comes later is one too many, a file that went missing would be one too few.
case $url in
sqlite:///*)
    "$python" - "${url#sqlite:///}" "$work/database.sqlite" <<'PYTHON'
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

source, copy = sys.argv[1:]
if not Path(source).is_file():
    sys.exit(f"There is no database {source}")
with closing(sqlite3.connect(source, timeout=30)) as live, closing(sqlite3.connect(copy)) as kept:
    live.backup(kept)
    kept.execute("PRAGMA journal_mode = DELETE")
    if kept.execute("PRAGMA integrity_check").fetchone() != ("ok",):
        sys.exit(f"The database {source} is damaged")
PYTHON
    ;;
postgres*)
    pg_dump --format=custom --file="$work/database.dump" --dbname="${url/#postgresql+psycopg:/postgresql:}"
    ;;
*)
    echo "DATABASE_URL is neither SQLite nor PostgreSQL" >&2
    exit 1
    ;;
esac

case $files in
file://*)
    mkdir -p "$work/files"
    if [ -d "${files#file://}" ]; then
        # GNU tar ends with 1 when a file changed or went away while it read: drafts come and go
        tar -C "${files#file://}" -cf "$work/files.tar" . || [ $? -eq 1 ]
    else
        tar -C "$work/files" -cf "$work/files.tar" .
    fi
    rmdir "$work/files"
    ;;
*)
    echo "Attachments live in $files: let the object store keep its own versions." >&2
    ;;
esac

(cd "$work" && sha256sum -- * >SHA256SUMS)
sync -f "$work" 2>/dev/null || sync
mv "$work" "$target/$name"
trap - EXIT
echo "$target/$name"

if [ -n "${BACKUP_KEEP:-}" ]; then
    find "$target" -mindepth 1 -maxdepth 1 -type d -name 'portal-????????T??????Z' | sort -r |
        tail -n "+$((BACKUP_KEEP + 1))" | while IFS= read -r old; do rm -rf "$old"; done
fi
