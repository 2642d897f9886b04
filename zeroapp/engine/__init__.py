"""Trains and answers with tensors; besides the tasks' heavy halves the only room with torch."""
