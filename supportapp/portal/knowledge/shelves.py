"""Where readers browse: the first page, a topic, and the list of everything."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from supportapp.errors import NotFound
from supportapp.kb import public, queries, topics
from supportapp.kb.topics import Branch
from supportapp.portal import blueprint
from supportapp.portal.knowledge.asked import asked_number, asked_page, asked_product, readable_language
from supportapp.portal.knowledge.searching import found_page

PAGE_SIZE = 20
MOST_LATEST = 5


@blueprint.get("/kb/")
def knowledge_base() -> ResponseReturnValue:
    """Search, the tree of topics, what helped others and what is new."""
    if text := request.args.get("q", "").strip():
        return found_page(text)
    if number := asked_number("topic"):  # as these addresses were once
        return redirect(url_for("portal.topic", topic_id=_way_to(number)[-1].topic.id), 301)
    product, page = asked_product(), asked_number("page")
    if product or page:
        return redirect(url_for("portal.all_articles", product=product.id if product else None, page=page))
    spoken = readable_language()
    return render_template(
        "portal/kb.html",
        branches=[branch for branch in topics.tree() if branch.number(spoken)],
        spoken=spoken,
        products=public.products_with_articles(language=spoken),
        popular=public.popular(language=spoken, limit=MOST_LATEST),
        latest=public.latest(language=spoken, limit=MOST_LATEST),
    )


@blueprint.get("/kb/topics/all")
def all_articles() -> ResponseReturnValue:
    """Every article by title, those without a topic too, or those about one product."""
    return _list(None, [], readable_language())


@blueprint.get("/kb/topics/<int:topic_id>")
def topic(topic_id: int) -> ResponseReturnValue:
    """A topic with its sub-topics and articles; one with nothing public in it is not there."""
    way = _way_to(topic_id)
    spoken = readable_language()
    return _list(way[-1], way, spoken if way[-1].number(spoken) else None)


def _way_to(topic_id: int) -> list[Branch]:
    """From the root to the topic; NotFound when nothing public is in it."""
    way = topics.way_to(topic_id, topics.tree())
    if not way or not way[-1].number(None):
        raise NotFound("topic")
    return way


def _list(branch: Branch | None, way: list[Branch], spoken: str | None) -> ResponseReturnValue:
    product, page = asked_product(), asked_page()
    here = branch.topic if branch else None
    total = queries.count_published(topic=here, product=product, language=spoken)
    listed = public.listed(topic=here, product=product, language=spoken, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    return render_template(
        "portal/kb_topic.html",
        branch=branch,
        way=[step.topic for step in way[:-1]],
        branches=_narrowed(branch, spoken) if branch else [],
        spoken=spoken,
        products=public.products_with_articles(language=spoken, topic=here),
        product=product,
        articles=listed,
        total=total,
        page=page,
        pages=max(1, -(-total // PAGE_SIZE)),
    )


def _narrowed(branch: Branch, spoken: str | None) -> list[Branch]:
    """The sub-topics to go on to; when a product was chosen, those that have something about it."""
    product = asked_product()
    if product is None:
        return branch.inhabited(spoken)
    way = topics.way_to(branch.topic.id, topics.tree(product=product))
    return way[-1].inhabited(spoken) if way else []
