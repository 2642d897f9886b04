"""One rank of a real gang, for tests: `python gang_member.py REQUEST.json RANK`.

Trains a tiny model at each stage asked for and writes what it saw to RESULT-<rank>.json.
"""

import json
import os
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1])]


def main() -> None:
    """Join, train every stage, leave."""
    request = json.loads(Path(sys.argv[1]).read_text())
    rank = int(sys.argv[2])
    import torch

    from support.stages import train_stage
    from support.tied import train_tied
    from zeroapp.engine.gang import Gang

    torch.set_num_threads(1)
    gang = Gang(rank=rank, ranks=request["ranks"], store=Path(request["store"]))
    gang.join()
    results = [
        (train_tied if "tied" in case else train_stage)(gang, case) for case in request["cases"]
    ]
    Path(f"{request['result']}-{rank}.json").write_text(json.dumps(results))
    gang.leave()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
