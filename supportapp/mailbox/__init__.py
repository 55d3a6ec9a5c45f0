"""Mail that comes in: kept first, read afterwards, and then the same road as a reply in the portal."""
