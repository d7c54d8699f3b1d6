"""A Ray cluster of nodes of one core on this machine: a program that says where it is, and obeys lines.

``kill N`` ends node N hard, as when its plug is pulled; ``add`` starts another, ``add FOLDER`` one that finds
modules in a folder first. Each is answered by a line. Node 0 is the head. With ``--open`` it lets in everybody.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ |= {"RAY_AUTH_MODE": "disabled" if "--open" in sys.argv else "token", "RAY_USAGE_STATS_ENABLED": "0"}
os.environ |= {"RAY_worker_niceness": "0", "RAY_enable_metrics_collection": "0"}

from ray.cluster_utils import Cluster

NODE = {"num_cpus": 1, "memory": 1_500_000_000, "object_store_memory": 100_000_000, "include_dashboard": False}


def say(line: str) -> None:
    """Say a line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Start the cluster, obey, and leave nothing."""
    with TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:  # a short name: sockets are in it
        os.environ["RAY_TMPDIR"] = folder  # it keeps there, too, where the last cluster was
        Path(folder, "ray").mkdir()
        serve()


def serve() -> None:
    """Start the cluster, and obey until there are no more lines."""
    cluster = Cluster(initialize_head=True, head_node_args=NODE)
    nodes = [cluster.head_node, *(cluster.add_node(**NODE) for _ in range(int(sys.argv[1]) - 1))]
    say(cluster.address)
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "kill":
            cluster.remove_node(nodes[int(arguments[0])], allow_graceful=False)
        elif command == "add":
            nodes.append(cluster.add_node(**NODE, env_vars={"PYTHONPATH": arguments[0]} if arguments else {}))
        say("done")
    cluster.shutdown()


if __name__ == "__main__":
    main()
