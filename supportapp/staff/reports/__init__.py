"""What managers take away: exports, saved exports, reports, and dry runs of rules."""
