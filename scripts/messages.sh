#!/bin/sh
# Collects the sentences of the code into the three catalogues: the domain's, the portal's, the staff screens'.
# messages.sh PYTHON
set -eu
PYBABEL="$1 -m babel.messages.frontend --quiet"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

collect() { # collect CATALOGUE_FOLDER IGNORED_FOLDERS SOURCE...
    folder=$1 ignored=$2
    shift 2
    $PYBABEL extract --mapping-file scripts/babel.cfg --no-default-keywords --ignore-dirs "$ignored" \
        -k _ -k gettext -k ngettext:1,2 -k lazy_gettext -k N_ --add-location file --sort-by-file \
        --project "support portal" --output-file "$WORK/messages.pot" "$@"
    for language in ru; do
        if [ -f "$folder/$language/LC_MESSAGES/messages.po" ]; then
            $PYBABEL update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
                -i "$WORK/messages.pot" -d "$folder" -l "$language"
        else
            $PYBABEL init -i "$WORK/messages.pot" -d "$folder" -l "$language"
        fi
    done
}

collect supportapp/translations "portal staff migrations .* ._" supportapp
collect supportapp/portal/translations ".* ._" supportapp/portal
collect supportapp/staff/translations ".* ._" supportapp/staff
