"""The story of the portal, lived through over HTTP: what a person reads, presses and gets by mail.

Standard library only, and nothing of the portal's own code: these modules know the portal as its visitors do.
"""
