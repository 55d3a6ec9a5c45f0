"""The ways in which a mail reaches us. Each acknowledges it only after ``jobs.take_in`` has returned."""
