"""The knowledge base on the staff screens: topics, articles, their versions, and drafts made from tickets."""

from supportapp.staff.knowledge.articles import ArticleView
from supportapp.staff.knowledge.proposals import ArticleProposalPage
from supportapp.staff.knowledge.tools import WritingTools
from supportapp.staff.knowledge.topics import TopicView
from supportapp.staff.knowledge.versions import VersionPage

__all__ = ["ArticleProposalPage", "ArticleView", "TopicView", "VersionPage", "WritingTools"]
