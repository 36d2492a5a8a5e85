"""A run's program, as small as one can be: does steps, says how far it is, goes on where it was stopped.

`steps`; `hold` waits before that step for the file `go`; `kill` dies at that step, once, or each time
with `again`; `fail` says a failure; `exit` ends with a code and no word; `deaf` does not heed SIGTERM.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path


def say(**record):
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("kind")
    parser.add_argument("--recipe")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--run")
    parser.add_argument("--stages", type=Path)
    parser.add_argument("--json", action="store_true")
    options, _ = parser.parse_known_args()
    asked = dict(pair.split("=", 1) for pair in options.set)
    out = options.out
    with (out / "starts").open("a") as starts:
        starts.write(
            f"{os.getpid()} {os.environ.get('LANGDESIGN_REGISTRY')} {options.run} {options.stages}\n"
        )
    signal.signal(signal.SIGTERM, (lambda *_: (out / "asked").touch()) if "deaf" in asked else stop)
    sys.stdout.write("a warning of some library\n{not json\n" + "x" * 100_000 + "\n")
    if "exit" in asked:
        sys.exit(int(asked["exit"]))
    if "fail" in asked:
        say(state="failed", failure=asked["fail"])
        sys.exit(1)
    work(out, asked)
    say(metrics={"clip_dir": 0.25, "recipe": len(options.recipe), "bad": float("nan")})
    if options.kind == "specialise":
        say(model_version="models/interior@3")
    say(state="succeeded")


def work(out, asked):
    done, steps = out / "done", int(asked.get("steps", 2))
    for step in range(int(done.read_text()) if done.exists() else 0, steps):
        say(stage="work", progress=step / steps)
        while step == int(asked.get("hold", -1)) and not (out / "go").exists():
            time.sleep(0.005)
        if step == int(asked.get("kill", -1)) and ("again" in asked or not (out / "killed").exists()):
            (out / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        done.write_text(str(step + 1))
    say(stage="work", progress=1.0)


def stop(*_):
    say(state="stopped")
    sys.exit(1)


if __name__ == "__main__":
    main()
