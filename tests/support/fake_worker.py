"""A worker of the studio without torch: a job has five steps, and each is told when a file says so, or at once.

In the studio's folder, ``die`` makes it end behind the third step, as a killed one does; ``slow`` gives each step a
tenth of a second, and lets a look take until it is stopped.
"""

import json
import os
import sys
from pathlib import Path
from threading import Thread
from time import sleep


def main() -> None:
    root, paused, wishes = Path(sys.argv[1]), set(), []

    def read() -> None:
        for line in sys.stdin:
            wish = json.loads(line)
            if wish["do"] == "pause":
                paused.add(wish["id"])
            else:
                paused.discard(wish["id"])
                wishes.append(wish)
        os._exit(0)

    def tell(event: str, **more) -> None:
        sys.stdout.write(json.dumps({"event": event} | more) + "\n")
        sys.stdout.flush()

    Thread(target=read, daemon=True).start()
    tell("ready")
    while True:
        sleep(0.005)
        if not wishes:
            continue
        wish = wishes.pop(0)
        job = wish["id"]
        if wish["do"] == "try":
            while (root / "slow").exists() and job not in paused:
                sleep(0.01)
            if job not in paused:
                (root / "looks" / f"{job}.jpg").write_bytes(b"look")
            tell("look", id=job, made=None if job in paused else True)
            continue
        folder = root / "jobs" / job
        order = json.loads((folder / "order.json").read_text())
        tell("started", id=job, seconds=1.0, message="")
        done = folder / "steps"
        for step in range(int(done.read_text()) if done.exists() else 0, 5):
            if (root / "slow").exists():
                sleep(0.1)
            if job in paused:
                break
            done.write_text(str(step + 1))
            tell("progress", id=job, step=step + 1, total=5, progress=(step + 1) / 5, stage="x", preview=0)
            if step == 2 and (root / "die").exists():
                (root / "die").unlink()
                os._exit(9)
        if int(done.read_text()) < 5:
            tell("paused", id=job)
        elif order["recipe"].get("seed") == 13:
            tell("failed", id=job, message="unlucky")
        else:
            (folder / "result.png").write_bytes(b"made")
            tell("done", id=job, result="result.png")


if __name__ == "__main__":
    main()
