#!/usr/bin/env bash
# Puts a backup back: restore.sh FOLDER/portal-<UTC time>. Stop the portal first; run flask init-db and flask reindex after.
# Reads DATABASE_URL, VAR_DIR and FILES_URL as the portal does. What is there now is moved aside (SQLite, attachments) or
# replaced in one transaction (PostgreSQL). pg_restore is needed for PostgreSQL.
set -euo pipefail
umask 077

root=$(cd "$(dirname "$0")/.." && pwd)
backup=$(cd "${1:?usage: restore.sh FOLDER/portal-<UTC time>}" && pwd)
var=${VAR_DIR:-$root/var}
url=${DATABASE_URL:-sqlite:///$var/portal.db}
files=${FILES_URL:-file://$var/files}
aside=before-restore-$(date -u +%Y%m%dT%H%M%SZ)

(cd "$backup" && sha256sum --check --quiet SHA256SUMS) || {
    echo "The backup is damaged: nothing was restored." >&2
    exit 1
}

needs() {
    [ -f "$backup/$1" ] || { echo "The backup has no $1, but DATABASE_URL asks for it: nothing was restored." >&2; exit 1; }
}

case $url in
sqlite:///*)
    needs database.sqlite
    database=${url#sqlite:///}
    mkdir -p "$(dirname "$database")"
    for part in "$database" "$database-wal" "$database-shm"; do
        if [ -e "$part" ]; then mv "$part" "$part.$aside"; fi
    done
    cp "$backup/database.sqlite" "$database"
    ;;
postgres*)
    needs database.dump
    pg_restore --clean --if-exists --no-owner --exit-on-error --single-transaction \
        --dbname="${url/#postgresql+psycopg:/postgresql:}" "$backup/database.dump"
    ;;
*)
    echo "DATABASE_URL is neither SQLite nor PostgreSQL" >&2
    exit 1
    ;;
esac

if [ -f "$backup/files.tar" ] && [ "${files#file://}" != "$files" ]; then
    folder=${files#file://}
    if [ -d "$folder" ]; then mv "$folder" "$folder.$aside"; fi
    mkdir -p "$folder"
    tar -C "$folder" -xf "$backup/files.tar"
fi
echo "Restored. Now: flask --app wsgi init-db && flask --app wsgi reindex, then start the portal."
