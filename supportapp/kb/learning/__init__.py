"""What the knowledge base learns from being used: what was suggested, opened, solved, or did not spare a ticket.

``SolvedWithoutTicket`` is the tally that stays; the sessions beside it tell the story and are forgotten after
``KEPT_DAYS``. Nothing here may stand in the way of what people do: see ``operations.apart``.
"""
