"""Runs an export's own answer.py on held-out texts, in a process that holds nothing else.

python -P replay.py FOLDER QUESTIONS.json REPLIES.json

Its stdin is a leash: when that ends, whoever asked is gone and it leaves too.
"""

import importlib.util
import json
import os
import statistics
import sys
import threading
import time
from pathlib import Path
from types import ModuleType

_WARM_UP = 3
_TIMED = 50


def _shipped(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("answer", folder / "answer.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _leave_when_alone() -> None:
    while os.read(0, 4096):  # not sys.stdin, whose lock would be held when Python ends
        pass
    os._exit(1)


def main() -> None:
    """Write {"labels", "probabilities", "latency_ms", "loaded"} for the list of texts."""
    threading.Thread(target=_leave_when_alone, daemon=True).start()
    folder, questions, replies = map(Path, sys.argv[1:4])
    texts: list[str] = json.loads(questions.read_text("utf-8"))
    model = _shipped(folder).Model(folder)
    probabilities = model.predict(texts)
    for text in texts[:_WARM_UP]:
        model.predict([text])
    seconds = []
    for text in texts[:_TIMED]:
        start = time.perf_counter()
        model.predict([text])
        seconds.append(time.perf_counter() - start)
    said = {
        "labels": model.labels,
        "probabilities": probabilities.tolist(),
        "latency_ms": 1000 * statistics.median(seconds),
        "loaded": sorted({name.partition(".")[0] for name in sys.modules}),
    }
    replies.write_text(json.dumps(said), "utf-8")


if __name__ == "__main__":
    main()
