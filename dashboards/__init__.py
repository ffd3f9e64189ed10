"""What people see: pages of the portal. Read-only on the store; the README in this folder says how to add a page."""
