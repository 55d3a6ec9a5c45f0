"""To whom a new ticket goes by itself, and who stands in for a colleague who is away."""
