#!/usr/bin/python3
"""Prints the records of pollwatch segments, one JSON line each.

usage: read_segment.py FILE.msgpack…

A segment is a plain MessagePack stream of [magic, seq, crc, map]. A sealed one ends in a footer,
whose map has the schema "segment/1" and is skipped here. The active one (.msgpack.open) can be read
too; a record that is only half written yet ends the reading.
"""
import json
import sys

import msgpack


def main(paths):
    for path in paths:
        with open(path, "rb") as file:
            for _magic, _seq, _crc, record in msgpack.Unpacker(file, max_buffer_size=2**26):
                if record["schema"] != "segment/1":
                    print(json.dumps(record, ensure_ascii=False))


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] == "--help":
        sys.exit(__doc__)
    main(sys.argv[1:])
