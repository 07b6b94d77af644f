#!/usr/bin/env python3
"""Writes the tables of SASLprep and the digests that its test compares with.

Both come from Python's own `stringprep` and `unicodedata.ucd_3_2_0`, which hold the tables of RFC 3454 and Unicode 3.2;
nothing is downloaded. The output does not depend on the version of Python.

    python3 tools/unicode/generate-saslprep.py          # writes both files
    python3 tools/unicode/generate-saslprep.py --check  # fails if a file is not what it would write
"""

import hashlib
import json
import stringprep
import sys
from pathlib import Path
from unicodedata import ucd_3_2_0

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "packages/core/src/sasl/saslprep-table.ts"
DIGESTS = ROOT / "packages/core/test/data/saslprep-sweep.json"
CODE_POINTS = range(0x110000)
SEED = 20021215

# The classes of the table; `saslprep.ts` names them alike.
UNASSIGNED, NEUTRAL, LEFT_TO_RIGHT, RIGHT_TO_LEFT = range(4)


def class_of(code_point):
    char = chr(code_point)
    if stringprep.in_table_a1(char):
        return UNASSIGNED
    if stringprep.in_table_d1(char):
        return RIGHT_TO_LEFT
    if stringprep.in_table_d2(char):
        return LEFT_TO_RIGHT
    return NEUTRAL


def runs():
    """(class, length) of each run of code points of one class, from U+0000 on."""
    result = []
    for code_point in CODE_POINTS:
        kind = class_of(code_point)
        if result and result[-1][0] == kind:
            result[-1][1] += 1
        else:
            result.append([kind, 1])
    return result


def number(value):
    """Base 26, least digit first: capitals go on, a small letter ends the number."""
    text = ""
    while value >= 26:
        text += chr(ord("A") + value % 26)
        value //= 26
    return text + chr(ord("a") + value)


def encoded():
    """One number a run: 3 * (length - 1) + how far its class is beyond the next one of the run before, modulo 4."""
    text, previous = "", -1
    for kind, length in runs():
        text += number(3 * (length - 1) + (kind - previous - 1) % 4)
        previous = kind
    return text


def table_source():
    text = encoded()
    lines = [text[at : at + 112] for at in range(0, len(text), 112)]
    body = " +\n".join(f"  '{line}'" for line in lines)
    return (
        "// Written by tools/unicode/generate-saslprep.py: do not edit.\n\n"
        "/**\n"
        " * RFC 3454: tables A.1 (unassigned in Unicode 3.2), D.1 (right to left) and D.2 (left to right) as runs of code points\n"
        " * from U+0000 on. The generator says how they are written, `saslprep.ts` reads them.\n"
        " */\n"
        "export const SASLPREP_RUNS: string =\n"
        f"{body};\n"
    )


def normalized(text):
    """NFKC of Unicode 3.2, in which an unassigned code point is a starter that nothing composes with."""
    result, piece = "", ""
    for char in text:
        if stringprep.in_table_a1(char):
            result += ucd_3_2_0.normalize("NFKC", piece) + char
            piece = ""
        else:
            piece += char
    return result + ucd_3_2_0.normalize("NFKC", piece)


PROHIBITED = [getattr(stringprep, f"in_table_{name}") for name in ("c12", "c21", "c22", "c3", "c4", "c5", "c6", "c7", "c8", "c9")]


def prepared(text, stored):
    """RFC 4013, straight from its text; None where it fails."""
    mapped = ""
    for char in text:
        if stringprep.in_table_c12(char):
            mapped += " "
        elif not stringprep.in_table_b1(char):
            mapped += char
    output = normalized(mapped)
    for char in output:
        if any(table(char) for table in PROHIBITED):
            return None
        if stored and stringprep.in_table_a1(char):
            return None
    if any(stringprep.in_table_d1(char) for char in output):
        if any(stringprep.in_table_d2(char) for char in output):
            return None
        if not stringprep.in_table_d1(output[0]) or not stringprep.in_table_d1(output[-1]):
            return None
    return output


def digest(results):
    """SHA-256 over the results as 32-bit big-endian numbers: the code points and 0xFFFFFFFF, or 0xFFFFFFFE for a failure."""
    state = hashlib.sha256()
    for result in results:
        points = [0xFFFFFFFE] if result is None else [ord(char) for char in result] + [0xFFFFFFFF]
        state.update(b"".join(point.to_bytes(4, "big") for point in points))
    return state.hexdigest()


# Templates that show what a lone code point does not: the ends of a bidirectional text, its inside, combining marks around.
SWEEPS = [("{}", False), ("{}", True), ("a{}", False), ("\u0627{}\u0627", False), ("e\u0301{}\u0323", False)]


def mixed_strings():
    """Strings of code points that interact; the same generator (a 32-bit xorshift) stands in the test."""
    pool = [0x41, 0x31, 0x20, 0xA0, 0xAD, 0xAA, 0x300, 0x301, 0x323, 0x345, 0x627, 0x5D0, 0x661, 0x6D4, 0x1100, 0x1161, 0x11A8]
    pool += [0xAC00, 0x0B47, 0x0B3E, 0x1DC4, 0x1AB0, 0x0221, 0x1F600, 0x1E9E, 0xFB1D, 0xFE8D, 0x2F868, 0x2F91F, 0x1D15E, 0x212B]
    pool += [0x200B, 0x200C, 0x3099, 0x304B, 0x0F73, 0x0F71, 0x1B05, 0x1B35, 0x110BA, 0x11099, 0x1FE3, 0x3B9, 0x340, 0x2126]
    state = SEED
    result = []
    for _ in range(20000):
        text = ""
        for _ in range(5):
            state ^= (state << 13) & 0xFFFFFFFF
            state ^= state >> 17
            state ^= (state << 5) & 0xFFFFFFFF
            text += chr(pool[state % len(pool)])
        result.append(text)
    return pool, result


def digests_source():
    pool, strings = mixed_strings()
    sweeps = [
        {
            "template": template,
            "stored": stored,
            "sha256": digest(prepared(template.format(chr(code_point)), stored) for code_point in CODE_POINTS),
        }
        for template, stored in SWEEPS
    ]
    mixed = [{"stored": stored, "sha256": digest(prepared(text, stored) for text in strings)} for stored in (False, True)]
    content = {
        "source": "tools/unicode/generate-saslprep.py: RFC 4013 over Python's stringprep and unicodedata.ucd_3_2_0",
        "sweeps": sweeps,
        "mixed": {"seed": SEED, "count": len(strings), "length": 5, "pool": pool, "digests": mixed},
    }
    return json.dumps(content, indent=2) + "\n"


def main():
    stale = []
    for path, content in ((TABLE, table_source()), (DIGESTS, digests_source())):
        if "--check" in sys.argv[1:]:
            if not path.exists() or path.read_text() != content:
                stale.append(str(path.relative_to(ROOT)))
        else:
            path.write_text(content)
    if stale:
        sys.exit(f"not what tools/unicode/generate-saslprep.py writes: {', '.join(stale)}")


main()
