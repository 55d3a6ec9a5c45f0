"""The whole knowledge base as a folder of Markdown files: one an article, with its facts in front matter.

``topics.yaml`` holds the tree of topics, ``images/`` the pictures. The slug is the key; the folder may be ordered in
any way (an export writes ``<language>/<slug>.md``), and links between its files work in any viewer of Markdown.
"""
