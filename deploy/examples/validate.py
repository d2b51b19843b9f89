#!/usr/bin/python3
"""Checks every line of NDJSON against the JSON Schemas in proto/schema/.

usage: validate.py FILE.ndjson…        (- for standard input)

Prints FILE:LINE: where: cause for each violation. Ends 0 if there is none, 1 otherwise.
"""
import json
import pathlib
import sys

from jsonschema import Draft202012Validator

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "proto" / "schema"


def load_validators():
    """One validator a record type, by the value of the record's "schema"."""
    validators = {}
    for name in ("statement", "finding"):
        schema = json.loads((SCHEMAS / f"{name}-1.json").read_text())
        Draft202012Validator.check_schema(schema)
        validators[f"{name}/1"] = Draft202012Validator(schema)
    return validators


def problems_of(line, validators):
    try:
        record = json.loads(line)
    except ValueError as error:
        return [f"not JSON: {error}"]
    validator = validators.get(record.get("schema")) if isinstance(record, dict) else None
    if validator is None:
        return ["no known schema is named"]
    return [f"{error.json_path}: {error.message:.200}" for error in validator.iter_errors(record)]


def main(paths):
    validators = load_validators()
    lines = problems = 0
    for path in paths:
        with (sys.stdin.buffer if path == "-" else open(path, "rb")) as file:
            for number, line in enumerate(file, 1):
                lines += 1
                for problem in problems_of(line, validators):
                    problems += 1
                    print(f"{path}:{number}: {problem}")
    print(f"{lines} records, {problems} problems", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] == "--help":
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
