"""An article's HTML made ready for its page: headings to link to, wide parts that the keyboard can scroll."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from markupsafe import Markup, escape

from supportapp.kb.leads import lead
from supportapp.kb.render import to_html
from supportapp.portal import blueprint
from supportapp.portal.language import language

LONGEST_DESCRIPTION = 180
_HEADING = re.compile(r'<h([2-6]) id="([\w-]+)">(.*?)</h\1>', re.DOTALL)
_ANCHOR = ' <a class="anchor" href="#{}" aria-label="{}" lang="{}"></a>'
_WIDE = '<div class="wide" tabindex="0" role="region" aria-label="{}" lang="{}">'


@blueprint.app_template_filter()
def article_lead(text: str) -> str:
    """What an article is about in one or two sentences, for search engines and shared links."""
    return lead(text, LONGEST_DESCRIPTION)


@blueprint.app_template_filter()
def article_prose(markdown: str) -> Markup:
    """The safe HTML of an article, with what a reader's page adds to it."""
    html, spoken = str(to_html(markdown)), language()
    html = _HEADING.sub(lambda found: _with_anchor(found, spoken), html)
    html = html.replace("<pre>", '<pre tabindex="0">').replace("<img ", '<img loading="lazy" decoding="async" ')
    table = _WIDE.format(escape(_("Table")), spoken)
    return Markup(html.replace("<table>", f"{table}<table>").replace("</table>", "</table></div>"))  # noqa: S704


def _with_anchor(found: re.Match[str], spoken: str) -> str:
    level, name, words = found.groups()
    anchor = _ANCHOR.format(name, escape(_("Link to this section")), spoken)
    return f'<h{level} id="{name}">{words}{anchor}</h{level}>'
