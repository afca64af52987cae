"""Notifications: who wants to hear what and when, and the rule by which that is decided."""
