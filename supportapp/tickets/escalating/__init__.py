"""Time targets that are near or missed are told to those who can still do something, each once."""
