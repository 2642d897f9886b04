"""The app's side of a run: start it, follow it, find it again. No torch here."""
