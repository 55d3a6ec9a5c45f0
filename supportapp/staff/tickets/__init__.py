"""The desk: the list of tickets, the page of one, and a ticket on behalf of a customer."""
