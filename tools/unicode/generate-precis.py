#!/usr/bin/env python3
"""Writes the table that the preparation of JIDs beyond ASCII reads: RFC 8264 §8, RFC 5892, RFC 5893, in one.

The properties come from the text files of the Unicode Character Database, such as Debian's package `unicode-data`
installs; nothing is downloaded. The version of Unicode is the one of those files and stands in the table.

    python3 tools/unicode/generate-precis.py <folder of UnicodeData.txt>          # writes the table
    python3 tools/unicode/generate-precis.py <folder of UnicodeData.txt> --check  # fails if it is not what it would write
"""

import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "packages/core/src/jid/prepare/precis-table.ts"
CODE_POINTS = range(0x110000)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

# RFC 5892 §2.6, Exceptions; RFC 8264 §9.6 takes them over.
EXCEPTIONS_PVALID = {0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007}
EXCEPTIONS_CONTEXTO = {0xB7, 0x375, 0x5F3, 0x5F4, 0x30FB, *range(0x660, 0x66A), *range(0x6F0, 0x6FA)}
EXCEPTIONS_DISALLOWED = {0x640, 0x7FA, 0x302E, 0x302F, *range(0x3031, 0x3036), 0x303B}


class Database:
    """The properties that matter, each as a function of the code point."""

    def __init__(self, folder):
        self.folder = folder
        self.category, self.combining = self.unicode_data()
        self.bidi = self.values("extracted/DerivedBidiClass.txt", 1)
        self.joining = self.values("extracted/DerivedJoiningType.txt", 1)
        self.script = self.values("Scripts.txt", 1)
        self.hangul = self.values("HangulSyllableType.txt", 1)
        self.properties = [self.values(name, 1, keep=wanted) for name, wanted in (
            ("PropList.txt", {"Noncharacter_Code_Point"}),
            ("DerivedCoreProperties.txt", {"Default_Ignorable_Code_Point"}),
            ("DerivedNormalizationProps.txt", {"Changes_When_NFKC_Casefolded"}),
        )]
        self.not_nfkc = {cp for cp, value in self.values("DerivedNormalizationProps.txt", 2, first="NFKC_QC").items() if value == "N"}
        head = (folder / "extracted/DerivedBidiClass.txt").read_text("utf-8").splitlines()[0]
        self.version = re.search(r"-(\d+\.\d+\.\d+)\.txt", head).group(1)

    def unicode_data(self):
        category, combining, start = {}, {}, None
        for line in (self.folder / "UnicodeData.txt").read_text("utf-8").splitlines():
            fields = line.split(";")
            last = int(fields[0], 16)
            if fields[1].endswith(", First>"):
                start = last
                continue
            for cp in range(last if start is None else start, last + 1):
                category[cp], combining[cp] = fields[2], int(fields[3])
            start = None
        return category, combining

    def values(self, name, field, keep=None, first=None):
        """{code point: value of a field}, of the lines whose second field is `first` if one is given."""
        result = {}
        for line in (self.folder / name).read_text("utf-8").splitlines():
            fields = [part.strip() for part in line.split("#")[0].split(";")]
            if len(fields) <= field or (first is not None and fields[1] != first):
                continue
            if keep is not None and fields[field] not in keep:
                continue
            ends = [int(end, 16) for end in fields[0].split("..")]
            for cp in range(ends[0], ends[-1] + 1):
                result[cp] = fields[field]
        return result


def validity(db, cp):
    """One letter: where the code point is valid by the algorithms of RFC 8264 §8 and RFC 5892 §3."""
    nonchar, ignorable, unstable = (cp in values for values in db.properties)
    category = db.category.get(cp, "Cn")
    letter_digit = category in ("Ll", "Lu", "Lo", "Nd", "Lm", "Mn", "Mc")
    if cp in EXCEPTIONS_PVALID:
        return "D"
    if cp in EXCEPTIONS_CONTEXTO:
        return "C"
    if cp in EXCEPTIONS_DISALLOWED:
        return "-"
    if category == "Cn" and not nonchar:
        return "-"
    if 0x21 <= cp <= 0x7E:
        # RFC 5892 §2.5, LDH: small letters, digits and the hyphen.
        return "D" if re.fullmatch("[a-z0-9-]", chr(cp)) else "I"
    if cp in (0x200C, 0x200D):
        return "C"
    if db.hangul.get(cp) in ("L", "V", "T") or ignorable or nonchar or category == "Cc":
        return "-"
    if cp in db.not_nfkc:
        return "F"
    if letter_digit:
        # RFC 5892 §2.2 and §2.4: Unstable, IgnorableBlocks.
        blocks = 0x20D0 <= cp <= 0x20FF or 0x1D100 <= cp <= 0x1D24F
        return "I" if unstable or blocks else "D"
    free = ("Lt", "Nl", "No", "Me", "Zs", "Sm", "Sc", "Sk", "So", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po")
    return "F" if category in free else "-"


def kind(db, cp):
    """What a preparation asks of a code point, as a word of five letters, each explained in the table."""
    valid = validity(db, cp)
    if valid == "-":
        return "-----"
    bidi = "-"
    if valid != "F":
        bidi = {"AL": "R", "ES": "O", "CS": "O", "ET": "O", "ON": "O", "BN": "O", "NSM": "M", "EN": "E", "AN": "A"}.get(
            db.bidi.get(cp, "L"), db.bidi.get(cp, "L"))
        assert bidi in "LRAEOM", (hex(cp), bidi)
    virama = db.combining.get(cp) == 9
    joining = db.joining.get(cp, "U")
    assert not virama or joining in "TU", (hex(cp), joining)
    joining = {"T": "V", "U": "W"}[joining] if virama else {"U": "-", "C": "-"}.get(joining, joining)
    script = {"Greek": "G", "Hebrew": "H", "Hiragana": "J", "Katakana": "J", "Han": "J"}.get(db.script.get(cp), "-")
    mark = "M" if valid in "CD" and db.category[cp] in ("Mn", "Mc", "Me") else "-"
    return valid + bidi + joining + script + mark


def encoded(db):
    runs = []
    for cp in CODE_POINTS:
        word = kind(db, cp)
        if runs and runs[-1][0] == word:
            runs[-1][1] += 1
        else:
            runs.append([word, 1])
    words = [word for word, _ in Counter(word for word, _ in runs).most_common()]
    assert len(words) <= len(LETTERS), len(words)
    letter = dict(zip(words, LETTERS))
    text = "".join(letter[word] + ("" if length == 1 else str(length)) for word, length in runs)
    return words, text, len(runs)


def written(db):
    words, text, count = encoded(db)
    lines = "\n".join(f"  '{text[at:at + 112]}'," for at in range(0, len(text), 112))
    return f"""// Generated by tools/unicode/generate-precis.py: change that, not this.

/** The version of Unicode that the table was made of; what was added later is unassigned to it. */
export const UNICODE_VERSION = '{db.version}';

/**
 * What there is to know of a code point, in five letters, `-` for none:
 * 1. where it is valid: `F` in the FreeformClass of RFC 8264, `I` in the IdentifierClass too, `D` in a U-label of RFC 5890
 *    too, `C` in all of them beside certain others only;
 * 2. its bidirectional class as far as RFC 5893 tells them apart: `L`, `R` (and AL), `A` (AN), `E` (EN), `M` (NSM), `O` (ES,
 *    CS, ET, ON, BN);
 * 3. its joining type: `L`, `R`, `D`, `T`; `V` for a virama of the type `T`, `W` for any other virama;
 * 4. its script as far as RFC 5892, Appendix A asks: `G` Greek, `H` Hebrew, `J` Hiragana, Katakana or Han;
 * 5. `M` for a combining mark that a U-label can hold.
 */
export const KINDS: readonly string[] = [
  {", ".join(f"'{word}'" for word in words)},
];

/** {count} runs from U+0000 on: a letter for the kind, `A` for the first, and the length of the run unless it is 1. */
export const RUNS: string = [
{lines}
].join('');
"""


def main(folder, check):
    db = Database(Path(folder))
    text = written(db)
    if not check:
        TABLE.write_text(text, "utf-8")
    elif re.sub(r"\s", "", TABLE.read_text("utf-8")) != re.sub(r"\s", "", text):
        sys.exit(f"{TABLE.relative_to(ROOT)} is not what {Path(__file__).name} writes from this database")


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    main(arguments[0], "--check" in sys.argv)
