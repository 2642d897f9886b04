"""A program of its own: writes a Parquet file to stdout as an Arrow stream. See docs/decisions/065.

python -P parquet_stream.py FILE ROWS_AT_ONCE
"""

import sys


def main() -> None:
    """Ends with 0 when the whole file was written, with anything else when it is damaged."""
    from arro3.io import read_parquet, write_ipc_stream

    batches = read_parquet(sys.argv[1], batch_size=int(sys.argv[2]))
    write_ipc_stream(batches, sys.stdout.buffer)


if __name__ == "__main__":
    main()
