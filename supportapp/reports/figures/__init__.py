"""The managers' figures, aggregated in SQL. A period is compared with the one before by asking twice."""
