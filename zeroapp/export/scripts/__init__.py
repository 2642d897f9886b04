"""Programs that are copied into an export or run beside it; they import nothing of zeroapp."""
