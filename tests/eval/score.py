#!/usr/bin/env python3
"""Compares coded statements with their annotation, and prints how far they agree.

usage: score.py [--brief] [--details] GOLD_DIR TEXT_DIR RECORDS.ndjson

A finding counts as found when the same sentence carries the same topic; the rows below ask for more. Headlines and
standfirsts don't count: they repeat the body. Everything that is coded and not annotated lowers the precision.
"""
import argparse
import collections
import glob
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sentences import sentences  # noqa: E402

LEVELS = {
    "sentence": ("i",),
    "topic": ("i", "topic"),
    "topic, polarity": ("i", "topic", "polarity"),
    "topic, type": ("i", "topic", "type"),
    "topic, polarity, type": ("i", "topic", "polarity", "type"),
    "topic, polarity, type, holder": ("i", "topic", "polarity", "type", "holder"),
}
FIELDS = ("title", "genre", "language", "issuers", "speakers", "dateline_place", "date_published", "date_delivered", "countries", "elections")
REPEATS = ("headline", "standfirst")


def letters(text):
    return re.sub(r"[\W_]+", "", text or "").casefold()


def f1(hits, found, wanted):
    precision = hits / found if found else 1.0
    recall = hits / wanted if wanted else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def place(exact, rows):
    """The number of the sentence that evidence stands in: one that holds it, else the most alike."""
    key = letters(exact)
    for row in rows:
        if key and key in letters(row["text"]):
            return row["i"]
    bag = collections.Counter(re.findall(r"\w+", exact.casefold()))
    size = sum(bag.values()) or 1
    alike = [(sum((bag & collections.Counter(re.findall(r"\w+", row["text"].casefold()))).values()) / size, -row["i"]) for row in rows]
    share, number = max(alike, default=(0, 0))
    return -number if share >= 0.6 else None


class Statement:
    """One statement, as annotated or as coded, in the terms that are compared."""

    def __init__(self):
        self.findings, self.quantities, self.fields = [], set(), {}

    def body(self):
        return [f for f in self.findings if f["section"] not in REPEATS]


def people(entries):
    return {letters(entry["name"]) for entry in entries or []}


def ballots(entries):
    return {(e.get("type"), e.get("early"), e.get("date")) for e in entries or []}


def annotated(gold):
    out = Statement()
    out.findings = [{"section": "body", **f} for f in gold["findings"]]
    out.quantities = {(q["i"], float(q["value"]), q["unit"]) for q in gold.get("quantities", []) if q.get("value") is not None}
    meta = gold["statement"]
    out.fields = {field: meta.get(field) for field in FIELDS}
    out.fields.update(title=letters(meta["title"]), issuers=set(meta["issuers"]), countries=set(meta["countries"]),
                      speakers=people(meta.get("speakers")), elections=ballots(meta.get("elections")))
    return out


def coded(record, findings, rows):
    out = Statement()
    for f in findings:
        number = place(f["evidence"]["exact"], rows)
        out.findings.append({"i": f["finding_id"] if number is None else number, "section": f["evidence"]["section"], "type": f["type"],
                             "topic": f["topic"], "polarity": f["polarity"], "holder": f["attribution"]["holder"]})
        out.quantities |= {(number, float(q["value"]), q["unit"]) for q in f.get("quantities") or [] if q.get("value") is not None}
    own = [x["slug"] for x in record["issuers"] if x["role"] in ("issuer", "co_issuer")]
    out.fields = {field: record.get(field) for field in FIELDS}
    out.fields.update(title=letters(record["title"]), issuers=set(own), countries=set(record["countries"]),
                      speakers=people(record.get("speakers")), elections=ballots(record.get("elections")),
                      date_published=record["date_published"]["value"], date_delivered=record["date_delivered"]["value"])
    return out


def load(gold_dir, text_dir, records):
    """{name: (annotated, coded, issuer)}"""
    statements, findings = {}, collections.defaultdict(list)
    with open(records, encoding="utf-8") as stream:
        for record in map(json.loads, stream):
            if record["schema"] == "statement/1":
                statements[os.path.splitext(os.path.basename(record["url"]))[0]] = record
            else:
                findings[record["statement_id"]].append(record)
    out = {}
    for path in sorted(glob.glob(os.path.join(gold_dir, "*.json"))):
        name = os.path.splitext(os.path.basename(path))[0]
        if name not in statements:
            continue
        gold = json.load(open(path, encoding="utf-8"))
        rows = sentences(open(os.path.join(text_dir, name + ".txt"), encoding="utf-8", newline="").read())
        record = statements[name]
        out[name] = (annotated(gold), coded(record, findings[record["statement_id"]], rows), (gold["statement"]["issuers"] or ["?"])[0])
    return out


def level(pairs, keys):
    wanted = {(name,) + tuple(f[k] for k in keys) for name, (gold, _, _) in pairs.items() for f in gold.body()}
    found = {(name,) + tuple(f[k] for k in keys) for name, (_, have, _) in pairs.items() for f in have.body()}
    return f1(len(wanted & found), len(found), len(wanted)) + (len(found), len(wanted))


def confusion(pairs):
    """Counts of (annotated, coded) polarity where sentence and topic agree."""
    out = collections.Counter()
    for gold, have, _ in pairs.values():
        mates = collections.defaultdict(list)
        for f in have.body():
            mates[f["i"], f["topic"]].append(f)
        for f in gold.body():
            near = mates[f["i"], f["topic"]]
            if near:
                best = max(near, key=lambda m: (m["polarity"] == f["polarity"], m["type"] == f["type"]))
                out[f["polarity"], best["polarity"]] += 1
    return out


def macro_f1(table):
    names = {a for a, _ in table} | {b for _, b in table}
    scores = [f1(table[n, n], sum(v for (_, b), v in table.items() if b == n), sum(v for (a, _), v in table.items() if a == n))[2] for n in names]
    return sum(scores) / len(scores) if scores else 0.0


def report(pairs):
    table = confusion(pairs)
    matched = sum(table.values()) or 1
    wanted = {(n,) + q for n, (gold, _, _) in pairs.items() for q in gold.quantities}
    found = {(n,) + q for n, (_, have, _) in pairs.items() for q in have.quantities}
    return {
        "levels": {name: level(pairs, keys) for name, keys in LEVELS.items()},
        "quantities": f1(len(wanted & found), len(found), len(wanted)) + (len(found), len(wanted)),
        "confusion": table,
        "wrong_sign": (table["positive", "negative"] + table["negative", "positive"]) / matched,
        "macro_f1": macro_f1(table),
        "fields": {field: sum(gold.fields[field] == have.fields[field] for gold, have, _ in pairs.values()) / max(1, len(pairs)) for field in FIELDS},
    }


def print_row(name, row):
    print(f"  {name:32}{row[0]:10.3f}{row[1]:8.3f}{row[2]:8.3f}{row[3]:8}{row[4]:8}")


def print_report(pairs):
    out = report(pairs)
    print(f"{len(pairs)} statements\n  {'':32}{'precision':>10}{'recall':>8}{'F1':>8}{'found':>8}{'wanted':>8}")
    for name, row in out["levels"].items():
        print_row(name, row)
    print_row("quantities", out["quantities"])
    topic = out["levels"]["topic"]
    print(f"  extra {1 - topic[0]:.3f} of what is coded; where sentence and topic agree: wrong sign {out['wrong_sign']:.3f}, polarity macro-F1 {out['macro_f1']:.3f}")
    print("  fields: " + ", ".join(f"{field} {share:.2f}" for field, share in out["fields"].items()))


def print_details(pairs):
    table = confusion(pairs)
    names = ("positive", "negative", "mixed", "neutral")
    print(f"\n  annotated \\ coded{'':4}" + "".join(f"{n:>10}" for n in names))
    for a in names:
        print(f"  {a:20}" + "".join(f"{table[a, b]:10}" for b in names))
    print("\n  topic")
    for topic in sorted({f["topic"] for gold, have, _ in pairs.values() for f in gold.body() + have.body()}):
        wanted = {(n, f["i"]) for n, (gold, _, _) in pairs.items() for f in gold.body() if f["topic"] == topic}
        found = {(n, f["i"]) for n, (_, have, _) in pairs.items() for f in have.body() if f["topic"] == topic}
        print_row(topic, f1(len(wanted & found), len(found), len(wanted)) + (len(found), len(wanted)))
    print("\n  issuer (topic and polarity)")
    for issuer in sorted({issuer for _, _, issuer in pairs.values()}):
        print_row(issuer, level({n: p for n, p in pairs.items() if p[2] == issuer}, LEVELS["topic, polarity"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--brief", action="store_true", help="one line: F1 of topic; with polarity; with polarity, type and holder")
    parser.add_argument("--details", action="store_true", help="confusion, each topic, each issuer")
    parser.add_argument("gold")
    parser.add_argument("texts")
    parser.add_argument("records")
    options = parser.parse_args()
    pairs = load(options.gold, options.texts, options.records)
    if options.brief:
        rows = report(pairs)["levels"]
        print(" ".join(f"{rows[name][2]:.3f}" for name in ("topic", "topic, polarity", "topic, polarity, type, holder")))
        return
    print_report(pairs)
    if options.details:
        print_details(pairs)


if __name__ == "__main__":
    main()
