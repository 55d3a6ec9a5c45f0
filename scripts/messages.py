"""Add to the three Russian catalogues the sentences of the code that they lack: ``make messages``.

New entries stand at the end of each file, without words, and nothing else is touched: the staff catalogue also holds
sentences of Flask-AppBuilder that no file of ours mentions.
"""

from __future__ import annotations

import io

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from tests import catalogues


def main() -> None:
    """Extend the catalogues and say what still needs words."""
    for name in catalogues.ROOMS:
        catalogue, new = catalogues.read(name), Catalog(locale="ru")
        for source in catalogues.sources(name):
            for sentence in catalogues.msgids(source):
                if catalogue.get(sentence if isinstance(sentence, str) else sentence[0]) is None:
                    new.add(sentence, locations=[(str(source.relative_to(catalogues.PACKAGE)), 0)])
        if len(new):
            append(name, new)
        wordless = [message for message in catalogues.read(name) if message.id and not words(message.string)]
        print(f"{catalogues.path_of(name).relative_to(catalogues.PACKAGE.parent)}: {len(wordless)} without words")


def words(string: object) -> bool:
    """Whether every form has words."""
    return all(string) if isinstance(string, tuple | list) else bool(string)


def append(name: str, new: Catalog) -> None:
    """Write the new entries after the old ones."""
    entries = io.BytesIO()
    write_po(entries, new, width=0, omit_header=True, include_lineno=False)
    with catalogues.path_of(name).open("a", encoding="utf-8") as file:
        file.write("\n" + entries.getvalue().decode().strip() + "\n")


if __name__ == "__main__":
    main()
