"""Where a cluster is, and who may join it."""

import os
import socket

from artcnn.errors import ArtcnnError, reason

TOKEN = "RAY_AUTH_MODE"  # noqa: S105 - the name of a variable
"""With ``token`` in this variable, Ray lets in only who has the cluster's token."""

_PATIENCE = 5.0
"""Seconds in which something must answer."""

_SETTINGS = b"\x04"
_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0" + _SETTINGS + b"\0" * 5
"""How HTTP/2 begins, which Ray speaks: with a frame of settings from either side (RFC 9113, section 3.4)."""


def check_address(address: str) -> None:
    """Check that something answers at an address, and that only who has the token may join it.

    Raises:
        ArtcnnError: it does not, or anybody may.
    """
    host, mark, port = address.rpartition(":")
    if not (mark and host and port.isdecimal() and 0 < int(port) < 65_536):
        raise ArtcnnError(f"--cluster {address}", hint="write auto, or HOST:PORT, such as 10.0.0.1:6379")
    if os.environ.get(TOKEN) != "token":
        raise ArtcnnError(
            f"--cluster {address}: whoever reaches a cluster's ports can run programs on its machines",
            hint=f"start Ray with {TOKEN}=token everywhere, and set it here, too; docs/cluster.md says how",
        )
    try:
        with socket.create_connection((host, int(port)), _PATIENCE) as connection:
            connection.sendall(_HELLO)
            answer = connection.recv(9)
    except OSError as error:
        raise ArtcnnError(f"nothing answers at {address} ({reason(error)})", hint="is Ray running there?") from error
    if answer[3:4] != _SETTINGS:
        raise ArtcnnError(f"what answers at {address} is not Ray", hint="the port is that of 'ray start --head', 6379")
