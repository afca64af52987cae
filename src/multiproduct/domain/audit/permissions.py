"""What may be permitted of the audit log."""

AUDIT_READ = "audit.entry.read"
"""Reading every entry. One's own need no permission."""
