"""The models of the platform: what they are, what they have shown, who approved them, and which of them serves."""
