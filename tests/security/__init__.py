"""How the project stands to published security requirements, as data that is checked."""
