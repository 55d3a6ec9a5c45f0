"""The engineers' desk: drafts, acts that can still be taken back, tags, links between tickets, who else is here.

Nothing of it changes a ticket by itself: what leaves goes through ``tickets.operations``.
"""
