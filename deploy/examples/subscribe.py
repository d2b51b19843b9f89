#!/usr/bin/python3
"""Prints the records on a pollwatch findings stream, one JSON line each.

usage: subscribe.py ENDPOINT [TOPIC]

TOPIC is a prefix: statement/ for statements, finding/AM/ for findings about Armenia,
finding/AM/eday.count/negative for that alone. proto/PROTOCOL.md describes the frames.
"""
import json
import sys

import msgpack
import zmq

HEARTBEAT, RECORD = 9, 12


def main(endpoint, topic=""):
    socket = zmq.Context().socket(zmq.SUB)
    socket.subscribe(topic)
    socket.subscribe("heartbeat")
    socket.connect(endpoint)
    while True:
        _, tag, head, *bulk = socket.recv_multipart()
        kind = tag[0]
        if kind == RECORD:
            print(json.dumps(msgpack.unpackb(bulk[0]), ensure_ascii=False), flush=True)
        elif kind == HEARTBEAT:
            print("last seq", msgpack.unpackb(head)["last_seq"], file=sys.stderr)


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3 or sys.argv[1] == "--help":
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        pass
