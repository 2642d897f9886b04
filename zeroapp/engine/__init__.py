"""Training and answering with tensors: the only rooms with torch besides the tasks' heavy halves."""
