#!/usr/bin/env python3
"""Gives the clauses that eval-observe prints the findings of their annotation, for eval-train.

usage: align.py [--issuer-folds N] GOLD_DIR... < OBSERVED > CLAUSES

A finding goes to the clause of its sentence that shares most words with it. A clause's group is the
fold of its statement's issuer, so that training can leave out issuers whole.
"""
import argparse
import collections
import glob
import json
import os
import re
import sys
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sentences import sentences  # noqa: E402

TOPICS = """overall.assessment overall.reform ctx.environment ctx.pluralism law.framework law.disputes adm.conduct
adm.independence adm.voter_reg cand.candidates cand.parties free.general free.assembly free.expression camp.conduct
camp.resources camp.finance camp.violence med.environment med.coverage inc.women inc.minorities inc.disability eday.voting
eday.count eday.results obs.access obs.mission""".split()
TYPES = "assessment recommendation followup commitment fact endorsement procedural".split()
POLARITIES = "positive negative mixed neutral".split()


def words(text):
    return collections.Counter(re.findall(r"\w+", text.casefold()))


def likeness(a, b):
    shared = sum((a & b).values())
    return shared / (sum(a.values()) + sum(b.values()) - shared + 1e-9)


def observed(stream):
    """Yields (file, text, clauses); a clause is (start, end, settled, features, topic features)."""
    path, text, clauses = None, b"", []
    for line in stream:
        mark = line[:2]
        if mark == b"D ":
            if path:
                yield path, text, clauses
            path, clauses = line[2:].decode().strip(), []
        elif mark == b"X ":
            text = stream.read(int(line[2:]))
            stream.read(1)
        elif mark == b"U ":
            start, end, _, settled, rest = line[2:].decode().split(" ", 4)
            clauses.append((int(start), int(end), settled == "1", rest.strip(), {}))
        elif mark == b"T ":
            topic, rest = line[2:].decode().split(" ", 1)
            clauses[-1][4][int(topic)] = rest.strip()
    if path:
        yield path, text, clauses


def sentence_numbers(text, rows, clauses):
    """The number of the annotation's sentence that each clause stands in, or None."""
    whole = [re.sub(r"\W+", "", row["text"]).casefold() for row in rows]
    for start, end, *_ in clauses:
        inside = [row["i"] for row in rows if row["start"] <= start < row["end"] or start <= row["start"] < end]
        key = re.sub(r"\W+", "", text[start:end].decode()).casefold()
        likely = [i for i in inside if key in whole[i] or whole[i] in key]
        if not likely:
            likely = [i for i, row in enumerate(whole) if key and key in row]
        yield likely[0] if likely else (inside[0] if inside else None)


def align(path, text, clauses, gold):
    rows = sentences(open(path, encoding="utf-8", newline="").read())
    numbers = list(sentence_numbers(text, rows, clauses))
    bags = [words(text[start:end].decode()) for start, end, *_ in clauses]
    found = [[] for _ in clauses]
    for finding in gold["findings"]:
        bag = words(finding["exact"])
        near = [k for k, number in enumerate(numbers) if number == finding["i"]]
        if near:
            found[max(near, key=lambda k: likeness(bag, bags[k]))].append(finding)
    return found


def print_clause(group, weight, clause, findings):
    by_topic = {}
    for finding in findings:
        by_topic.setdefault(TOPICS.index(finding["topic"]) + 1, finding)
    topics = ",".join(str(t) for t in sorted(by_topic)) or "-"
    print("U", group, weight, topics, clause[3])
    for topic, finding in sorted(by_topic.items()):
        print("K", TYPES.index(finding["type"]) + 1, POLARITIES.index(finding["polarity"]) + 1, clause[4][topic])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--issuer-folds", type=int, default=5)
    parser.add_argument("--weight", type=float, default=1.0)
    parser.add_argument("--group", help="of all, whoever issued them")
    parser.add_argument("gold", nargs="+")
    options = parser.parse_args()
    golds = {}
    for folder in options.gold:
        for path in glob.glob(os.path.join(folder, "*.json")):
            golds[os.path.splitext(os.path.basename(path))[0]] = path
    for path, text, clauses in observed(sys.stdin.buffer):
        gold = json.load(open(golds[os.path.splitext(os.path.basename(path))[0]], encoding="utf-8"))
        issuer = (gold["statement"]["issuers"] or ["?"])[0]
        group = options.group or f"fold{zlib.crc32(issuer.encode()) % options.issuer_folds}"
        for clause, findings in zip(clauses, align(path, text, clauses, gold)):
            if not clause[2]:
                print_clause(group, options.weight, clause, findings)


if __name__ == "__main__":
    main()
