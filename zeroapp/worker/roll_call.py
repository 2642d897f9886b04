"""`python -m zeroapp.worker.roll_call NODE NODES`: wait for every machine, before torchrun starts.

torchrun itself waits a quarter of an hour without a word for a machine that never comes.
"""

import os
import sys

from zeroapp.engine.meeting import meeting_of_environment
from zeroapp.errors import AppError
from zeroapp.worker.node import tell


def main(node: int, nodes: int) -> int:
    """0 once all are there; else the reason on stderr and the error's code."""
    if not 0 <= node < nodes:
        tell(f"Say which machine this is: 0 to {nodes - 1}, for example: sh run.sh 1")
        return 2
    meeting = meeting_of_environment()
    try:
        meeting.roll_call(me=node, of=nodes)
    except AppError as error:
        tell(f"{error.title} {error.hint}")
        return error.exit_code
    return 0


if __name__ == "__main__":
    os.environ.pop("TORCHELASTIC_USE_AGENT_STORE", None)
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
