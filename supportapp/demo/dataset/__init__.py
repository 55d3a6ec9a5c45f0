"""A help desk of somebody else as JSONL files, loaded as ours: many rows to measure with and to look at."""
