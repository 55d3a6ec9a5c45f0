"""The register that staff keep in a spreadsheet: read, shown with everything that is wrong in it, taken over whole."""

from supportapp.certificates.register.importing import import_register
from supportapp.certificates.register.reading import Register, RegisterRow, RowProblem, read_register

__all__ = ["Register", "RegisterRow", "RowProblem", "import_register", "read_register"]
