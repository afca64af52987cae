"""The Django project of the peer."""
