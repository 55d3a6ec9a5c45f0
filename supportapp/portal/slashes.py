"""A page whose address was typed or linked with a slash too many."""

from __future__ import annotations

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException, NotFound

from supportapp.portal import blueprint


def page_without_slash() -> str | None:
    """Where the portal has the page that was asked for with a slash at its end, the query included.

    The address is built from the page that was found, never taken from the request: it leads nowhere else.
    """
    is_unknown = isinstance(request.routing_exception, NotFound)
    if not is_unknown or request.method not in ("GET", "HEAD") or not request.path.endswith("/"):
        return None
    try:
        endpoint, values = current_app.url_map.bind("").match(request.path[:-1], method="GET")
    except HTTPException:
        return None
    if not endpoint.startswith(f"{blueprint.name}."):
        return None
    query = request.query_string.decode()
    return url_for(endpoint, **values) + (f"?{query}" if query else "")
