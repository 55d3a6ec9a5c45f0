#!/bin/sh
# What a mail server's pipe calls: ingest.sh SENDER RECIPIENT... < message. Whatever goes wrong before the mail is kept, the
# status is 75 ("try again later"), never one at which the mail server would send the mail back.
( # a file that cannot be read ends a shell at once, so it is read in one of its own
    set -a
    . "${PORTAL_ENV:-/etc/support-portal.env}"
    set +a
    sender=$1
    shift
    for recipient; do
        set -- "$@" --recipient "$recipient"
        shift
    done
    cd "$(dirname "$0")/.." && .venv/bin/python -m flask --app wsgi mail ingest --sender "$sender" "$@"
) || exit 75
