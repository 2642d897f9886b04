"""What goes on record about a model: its card, later risks and licences."""
