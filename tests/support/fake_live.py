"""A live process without torch: it answers what was asked, and ends or hangs where the layer says so."""

import json
import os
import sys
from time import sleep


def main() -> None:
    tell({"event": "ready"})
    for line in sys.stdin:
        question = json.loads(line)
        layer = question["request"].get("layer")
        if layer == "die":
            os._exit(9)
        if layer == "die within the answer":
            sys.stdout.write('{"event": "answer", "id": 1, "bytes": 100}\n{')
            sys.stdout.flush()
            os._exit(9)
        if layer in ("slow", "hang"):
            sleep(0.3 if layer == "slow" else 600)
        content = json.dumps({"asked": layer, "names": question["names"], "pid": os.getpid()})
        tell({"event": "answer", "id": question["id"], "status": 200, "type": "application/json"}, content)


def tell(happened: dict, content: str = "") -> None:
    sys.stdout.write(json.dumps(happened | {"bytes": len(content)}) + "\n" + content)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
