"""The sentences of a text as annotations count them: one a full stop, never over the end of a line."""
import re

SHORT = set("""mr mrs ms dr st no nos art arts para e.g i.e vs u.s u.k u.n gen col lt maj capt sen rep prof amb hon barr rev h.e
jan feb mar apr aug sept oct nov dec""".split())
STOP = re.compile(r'[.!?]+["”’\')\]]*(?=\s|$)')
NUMBERING = re.compile(r"\(?(\d{1,3}|[ivxIVX]{1,5})")


def goes_on(line, start, stop):
    """Whether the stop is one of an abbreviation, an initial or a list number."""
    before = line[start:stop.start()].split()
    last = before[-1].strip('("“‘\'').lower() if before else ""
    if stop.group(0)[0] == "." and (last in SHORT or re.fullmatch(r"[a-z]", last)):
        return True
    if re.match(r"\s+[a-z]", line[stop.end():]):
        return True
    return start == 0 and NUMBERING.fullmatch(line[:stop.start()].strip()) is not None


def pieces(line):
    start = 0
    for stop in STOP.finditer(line):
        if not goes_on(line, start, stop):
            yield start, stop.end()
            start = stop.end()
    if line[start:].strip():
        yield start, len(line)


def sentences(text):
    """Rows of {"i", "start", "end", "text"}; start and end in bytes of UTF-8."""
    rows, at = [], 0
    for line in text.splitlines(keepends=True):
        for start, end in pieces(line.rstrip("\r\n")):
            words = line[start:end]
            first = at + start + len(words) - len(words.lstrip())
            words = words.strip()
            if words:
                byte = len(text[:first].encode())
                rows.append({"i": len(rows), "start": byte, "end": byte + len(words.encode()), "text": words})
        at += len(line)
    return rows
