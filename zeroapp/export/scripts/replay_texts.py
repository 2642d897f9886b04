"""Runs an export's own answer.py on held-out prompts, in a process that holds nothing else.

python -P replay_texts.py FOLDER QUESTIONS.json REPLIES.json
"""

import importlib.util
import json
import statistics
import sys
import time
from pathlib import Path


def main() -> None:
    """Write {"answers", "foretold", "by", "latency_ms", "loaded"}.

    It is for {"prompts", "most", "held", "base"}; held: word pieces, and from which on to foretell.
    """
    folder, questions, replies = map(Path, sys.argv[1:4])
    asked = json.loads(questions.read_text("utf-8"))
    spec = importlib.util.spec_from_file_location("answer", folder / "answer.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = module.Model(folder, base=asked["base"])
    answers, seconds = [], []
    for prompt in asked["prompts"]:
        start = time.perf_counter()
        answers.append(model.write(prompt, most=asked["most"]))
        seconds.append(time.perf_counter() - start)
    said = {
        "answers": answers,
        "foretold": [model.foretold(ids, start) for ids, start in asked["held"]],
        "by": model.by,
        "latency_ms": 1000 * statistics.median(seconds),
        "loaded": sorted({name.partition(".")[0] for name in sys.modules}),
    }
    replies.write_text(json.dumps(said), "utf-8")


if __name__ == "__main__":
    main()
