"""Each known way in to the engine, tried at ports of loopback: python -m tests.integration.ways_in SECRET_FILE PORT...

Prints a line of JSON: the ways that are open, with what they gave. A client of Flink, of Py4J or of Beam may do all of this.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

HTTP2_SETTINGS = b"\x04"
"""The type of the frame that a server of gRPC greets with, after a length that begins with zeros (RFC 9113, 4.1)."""
HOST, PATIENCE_S = "127.0.0.1", 1.5


def command(port: int, secret: Path) -> str | None:
    """Ask the gateway between Python and Java for a property of its process, as anything that runs a command would."""
    from py4j.java_gateway import GatewayParameters, JavaGateway

    given = GatewayParameters(address=HOST, port=port, read_timeout=PATIENCE_S)
    gateway = JavaGateway(gateway_parameters=given)
    return gateway.jvm.java.lang.System.getProperty("java.version")


def file(port: int, secret: Path) -> str | None:
    """Ask Beam's artifact service for a file."""
    import grpc
    from apache_beam.portability.api.org.apache.beam.model.job_management.v1 import (
        beam_artifact_api_pb2 as artifacts,
    )
    from apache_beam.portability.api.org.apache.beam.model.job_management.v1 import (
        beam_artifact_api_pb2_grpc as services,
    )
    from apache_beam.portability.api.org.apache.beam.model.pipeline.v1 import beam_runner_api_pb2 as model

    wanted = model.ArtifactInformation(
        type_urn="beam:artifact:type:file:v1",
        type_payload=model.ArtifactFilePayload(path=str(secret)).SerializeToString(),
    )
    with grpc.insecure_channel(f"{HOST}:{port}") as channel:
        stub = services.ArtifactRetrievalServiceStub(channel)
        answers = stub.GetArtifact(artifacts.GetArtifactRequest(artifact=wanted), timeout=PATIENCE_S)
        return b"".join(each.data for each in answers).decode()


def flink(port: int, secret: Path) -> str | None:
    """Ask Flink's REST server what runs, which comes before cancelling it; or to take a jar."""
    asked = (("GET", "/jobs"), ("POST", "/jars/upload"), ("PATCH", f"/jobs/{'0' * 32}"), ("DELETE", "/cluster/no"))
    for method, path in asked:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE_S)
            connection.request(method, path)
            answer = connection.getresponse()
            return f"{method} {path}: {answer.status}"
    return None


def blob(port: int, secret: Path) -> str | None:
    """Leave content with Flink's file server: operation PUT, of no job, transient; a chunk; the end (BlobOutputStream)."""
    with socket.create_connection((HOST, port), PATIENCE_S) as connection:
        chunk = b"left here"
        connection.sendall(b"\x00\x00\x01" + len(chunk).to_bytes(4, "little") + chunk + b"\xff\xff\xff\xff")
        answer = connection.recv(64)
        return answer.hex() if answer[:1] == b"\x00" and answer[3:4] != HTTP2_SETTINGS else None


def topics(port: int, secret: Path) -> str | None:
    """Listen to what is announced of the topics."""
    with socket.create_connection((HOST, port), PATIENCE_S) as connection:
        said = connection.recv(200)
        return said.decode("ascii") if said[:1].isdigit() else None


WAYS: dict[str, Callable[[int, Path], str | None]] = {
    "file": file, "command": command, "blob": blob, "topics": topics, "flink": flink,
}  # fmt: skip


def tried(ports: Iterable[int], secret: Path) -> dict[str, str]:
    """Try each way at each port; give what was open."""
    found, ports = {}, tuple(ports)
    # One way after the other: a server of gRPC that is asked in HTTP/1 leaves all of its kind in that process without an answer.
    for name, way in WAYS.items():
        for port in ports:
            with contextlib.suppress(Exception):
                if name not in found and (given := way(port, secret)):
                    found[name] = given
    return found


if __name__ == "__main__":
    logging.disable()
    print(json.dumps(tried([int(port) for port in sys.argv[2:]], Path(sys.argv[1]))))
