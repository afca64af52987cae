"""The languages that the installation speaks."""

LOCALES = ("en", "es", "fa", "kn", "ta", "zh-Hant")
"""The default first, then the others by their tags (BCP 47). Each has a catalogue of every system message."""
