"""Several of the portal's own commands in one process: ``python -m demo.prepare init-db "demo seed"``.

Importing the portal takes longer than most commands do.
"""

from __future__ import annotations

import sys

from click import ClickException
from flask.cli import ScriptInfo

from wsgi import app


def main() -> None:
    """Run the commands one after the other; the first that fails ends it with status 1."""
    for command in sys.argv[1:]:
        print(f"$ flask {command}", flush=True)
        try:
            with app.app_context():
                app.cli.main(command.split(), "flask", standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))
        except ClickException as problem:
            problem.show()
            sys.exit(1)


if __name__ == "__main__":
    main()
