"""One folder for each technology that the ports are met with."""
