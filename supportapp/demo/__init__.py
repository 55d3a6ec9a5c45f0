"""The content of the demo, and its clock. Nothing here runs outside of it."""
