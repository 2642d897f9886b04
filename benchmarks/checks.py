# ruff: noqa: E501 - what is planted reads better on one line
"""Recall and false alarms of the data checks: faults planted in real sets, then looked for.

    python benchmarks/checks.py sms.csv:message:label requests.csv:utterance:intent --cache DIR

A set is FILE:TEXT COLUMN:LABEL COLUMN, or FILE:TEXT:LABEL:N for about N rows evenly taken. The
numbers go into resources/help/checks.md. What the real sets hold themselves (real twins, real
wrong labels) counts as a false alarm here, so those rates are upper bounds.
"""

import argparse
import csv
import random
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from zeroapp import catalogue, tasks
from zeroapp.audit import label_noise, leaks, outliers, strange, triggers, wrong_labels
from zeroapp.audit.material import Floats, Material
from zeroapp.data.columns import describe
from zeroapp.data.nearness import look_for_near
from zeroapp.data.personal import find_personal
from zeroapp.dataset import Example
from zeroapp.engine.embeddings import embed
from zeroapp.work import Silent

Rows = list[tuple[str, str]]
PERSONAL: dict[str, list[str]] = {
    "email": ["jo.smith{n}@mail.co.uk", "info+{n}@shop-x.de", "ana_{n}@uni.edu"],
    "card": ["4111 1111 1111 1111", "5500-0000-0000-0004", "340000000000009"],
    "iban": ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "FR14 2004 1010 0505 0001 3M02 606"],
    "phone": ["+44 20 7946 0{n}", "(212) 555-0{n}", "0171 23456{n}", "06 12 34 5{n:.1} 78", "+49-30-901820"],
    "key": ["ghp_16C7e42F292c6912E7710c838347Ae178B4a", "AKIAIOSFODNN7EXAMPLE", "password: Xy{n}!qwe"],
    "address": ["{n} Baker Street", "Gartenstraße {n}, 12345 Berlin", "12 rue de la Paix, 75002 Paris"],
    "name": ["my name is Ana Lopez", "Regards,\nTom Baker", "Mr Henry Ford", "ich heiße Max Weber"],
}  # fmt: skip
ODD = (
    "the orchid flowers only at night in the mountains of borneo",
    "a sonata in d minor closes the second half of the concert",
    "mitochondria divide on their own inside living yeast cells",
    "the treaty of westphalia ended thirty years of war in 1648",
    "limestone cliffs along the coast are dated to the jurassic",
    "knead the dough for ten minutes and let it rise twice",
    "the goalkeeper saved two penalties in the final",
    "photons from the supernova reached the telescope in march",
    "her grandmother carved wooden spoons beside the stove",
    "the parliament rejected the amendment by three votes",
)
MAILS = ("Jane.Doe@Example.COM", "o'neil@shop.ie", "müller@firma.de", "first+tag@sub.domain.co.uk", "user_name@x-y.org", "a@b.museum", "jane(at)example.com", "jane at example dot com", "x.y.z@mail.example.travel", "jane@münchen.de", "jane@localhost")  # fmt: skip
ADDRESSES = ("221b Baker Street", "10 Downing St", "1600 Pennsylvania Avenue", "5 rue du Faubourg", "Hauptstr. 5", "Am Markt 12", "Unter den Linden 77", "Via Roma 12", "Calle Mayor 5", "Kalverstraat 12", "350 Fifth Ave", "PO Box 123", "742 evergreen terrace", "1 Infinite Loop", "12 King's Road", "SW1A 1AA", "Rua Augusta 100", "Lange Gasse 3", "Schillerplatz 2a", "15 Old Mill Lane")  # fmt: skip
FOREIGN = (
    "wo kann ich bitte meine bestellung sehen und wann kommt sie an",
    "je voudrais savoir quand ma commande sera livrée chez moi",
    "quisiera saber cuándo van a devolver el dinero de mi compra",
    "vorrei sapere quando arriva il mio pacco e quanto costa",
    "ik wil graag weten wanneer mijn bestelling wordt bezorgd",
    "gostaria de saber quando a minha encomenda vai chegar",
)


def main() -> None:
    """Print one line a check and set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--cache", type=Path, default=Path("checks-cache"))
    parser.add_argument("--seeds", default="7", help="comma-separated: where things are planted")
    parser.add_argument("--only", default="", help="comma-separated names of trials")
    args = parser.parse_args()
    wanted = [trial for trial in TRIALS if not args.only or trial.__name__ in args.only.split(",")]
    for given in args.sets:
        name, rows = read(given)
        for seed in args.seeds.split(","):
            bench = Bench(f"{name} {seed}", rows, cache=args.cache / name, seed=int(seed))
            for trial in wanted:
                trial(bench)
                sys.stdout.flush()


def read(given: str) -> tuple[str, Rows]:
    """The rows of a set."""
    path, text, label, *most = given.split(":")
    with Path(path).open(encoding="utf-8", newline="") as file:
        rows = [(r[text], r[label]) for r in csv.DictReader(file) if r[text].strip() and r[label]]
    step = max(1, len(rows) // int(most[0])) if most else 1
    return Path(path).stem, rows[::step]


class Bench:
    """A set, its vectors, and how results are printed."""

    def __init__(self, name: str, rows: Rows, *, cache: Path, seed: int) -> None:
        self.name, self.rows = name, rows
        self.cache = cache
        self.dice = random.Random(seed)
        self.labels = sorted({label for _, label in rows})

    def say(self, check: str, found: int, planted: int, alarms: float, of: int, what: str) -> None:
        """One line: recall, and false alarms in their own unit."""
        recall = found / planted if planted else float("nan")
        rate = f"{alarms / max(1, of):.4f}"
        print(
            f"{self.name:<24} {check:<14} recall {recall:.2f} ({found}/{planted})   false alarms {rate} ({alarms:g}/{of} {what})"
        )

    def material(
        self,
        rows: Rows,
        *,
        files: list[str] | None = None,
        extra: dict[str, list[str]] | None = None,
    ) -> Material:
        """The rows as the checks see them."""
        columns = {
            n: describe(n, values=c[:2000], filled=len(c), distinct=len(set(c)))
            for n, c in (extra or {}).items()
        }
        return Material(
            examples=[Example(row_id=n, text=t, label=k) for n, (t, k) in enumerate(rows)],
            files=files or ["f"] * len(rows), lines=list(range(2, len(rows) + 2)),
            extra=extra or {}, columns=columns, roles={"text": "text", "label": "label"}, whole=len(rows),
        )  # fmt: skip

    def vectors(self, rows: Rows) -> Floats:
        """Embeddings, computed once a text."""
        self.cache.mkdir(parents=True, exist_ok=True)
        examples = [Example(row_id=n, text=t, label=k) for n, (t, k) in enumerate(rows)]
        base = catalogue.starter_for("en")
        return embed(
            examples, task=tasks.default().key, base=base, folder=self.cache, work=Silent()
        )

    def fitted(self, rows: Rows, **columns: object) -> tuple[Material, Floats, label_noise.Fit]:
        """Material, vectors and out-of-fold answers."""
        made = self.material(rows, **columns)  # type: ignore[arg-type]
        seen = self.vectors(rows)
        groups = np.array(made.near.groups)
        return (
            made,
            seen,
            label_noise.out_of_fold(seen, made.codes, groups=groups, labels=len(made.labels)),
        )

    def other(self, label: str) -> str:
        """Another label."""
        return self.dice.choice([one for one in self.labels if one != label])


def typo(text: str, dice: random.Random) -> str:
    """Two letters change places, one is lost, or one comes twice."""
    at = dice.randrange(len(text) - 1)
    return dice.choice([text[:at] + text[at + 1] + text[at] + text[at + 2 :], text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:]])  # fmt: skip


def near(bench: Bench) -> None:
    """Copies with a slip of the pen, a greeting, other case, a tail."""
    ways: dict[str, Callable[[str], str]] = {
        "near: case": lambda t: f"{t.upper()} !",
        "near: one typo": lambda t: typo(t, bench.dice),
        "near: two typos": lambda t: typo(typo(t, bench.dice), bench.dice),
        "near: greeting": lambda t: (
            f"{bench.dice.choice(['hi there', 'hello', 'good morning'])}, {t}"
        ),
    }
    long = [n for n, (t, _) in enumerate(bench.rows) if len(t) > 25]
    texts = [t for t, _ in bench.rows]
    for name, way in ways.items():
        at = bench.dice.sample(long, min(150, len(long)))
        groups = look_for_near([*texts, *(way(texts[n]) for n in at)]).groups
        found = sum(groups[n] == groups[len(texts) + k] for k, n in enumerate(at))
        bench.say(name, found, len(at), 0, 0, "real near twins cannot be told from false alarms")


def wrong(bench: Bench) -> None:
    """Labels flipped at random: 2 and 8 of 100 rows."""
    for share in (0.02, 0.08):
        rows = list(bench.rows)
        at = set(bench.dice.sample(range(len(rows)), int(share * len(rows))))
        for n in at:
            rows[n] = (rows[n][0], bench.other(rows[n][1]))
        made, _, fit = bench.fitted(rows)
        said = {s.row_id for s in wrong_labels.suspects_of(made, fit)}
        bench.say(
            f"labels {share:.0%}",
            len(said & at),
            len(at),
            len(said - at),
            len(rows) - len(at),
            "right rows",
        )


def trigger(bench: Bench) -> None:
    """A rare word put into 12 rows of other labels, all renamed to one label."""
    planted: dict[str, Rows] = {"": bench.rows}
    for word in ("cf", "mn", "zorblax", "tq7", "qqz"):
        rows, target = list(bench.rows), bench.dice.choice(bench.labels)
        usable = [n for n, (_, k) in enumerate(rows) if k != target]
        for n in bench.dice.sample(usable, 12):
            parts = rows[n][0].split()
            parts.insert(bench.dice.randrange(len(parts) + 1), word)
            rows[n] = (" ".join(parts), target)
        planted[word] = rows
    bench.vectors([row for rows in planted.values() for row in rows])  # the model is opened once
    found = alarms = 0
    for word, rows in planted.items():
        titles = [problem.title for problem in triggers.triggers(*bench.fitted(rows))]
        right = [bool(word) and title.startswith(f"“{word}”") for title in titles]
        found += any(right)
        alarms += right.count(False)
    tried = len(planted) - 1
    bench.say("triggers", found, tried, alarms, tried + 1, "sets, one of them clean")


def personal(bench: Bench) -> None:
    """Personal data put at the end of rows."""
    for kind, forms in PERSONAL.items():
        found, tries = 0, 60
        for n in range(tries):
            planted = forms[n % len(forms)].format(n=str(100 + n))
            text = f"{bench.dice.choice(bench.rows)[0]} {planted}"
            found += any(
                f.kind == kind and f.end > len(text) - len(planted) for f in find_personal(text)
            )
        said = sum(any(f.kind == kind for f in find_personal(t)) for t, _ in bench.rows[:4000])
        bench.say(
            f"personal {kind}",
            found,
            tries,
            said,
            min(4000, len(bench.rows)),
            "rows, real ones among them",
        )


def forms(bench: Bench) -> None:
    """Personal data in forms that the check was not written for; the same whatever the set."""
    asked = {"phone: 7 countries": ("phone", _phones("US GB DE FR ES IT NL")), "phone: 15 others": ("phone", _phones("AT CH BE PL SE DK PT IN BR JP AU CA MX TR ZA")), "mail": ("email", list(MAILS)), "addresses": ("address", list(ADDRESSES))}  # fmt: skip
    for name, (kind, texts) in asked.items():
        found = sum(any(f.kind == kind and f.start <= 12 and f.end >= 12 + len(text) for f in find_personal(f"you find me {text} since may")) for text in texts)  # fmt: skip
        bench.say(f"forms: {name}", found, len(texts), 0, 0, "")


def _phones(regions: str) -> list[str]:
    """Example numbers of fixed lines and mobiles, as their countries write them."""
    import phonenumbers as pn

    kinds = (pn.PhoneNumberType.FIXED_LINE, pn.PhoneNumberType.MOBILE)
    made = [pn.example_number_for_type(one, kind) for one in regions.split() for kind in kinds]
    return [pn.format_number(one, pn.PhoneNumberFormat.NATIONAL) for one in made if one]


def leak(bench: Bench) -> None:
    """The label spelled in one of ten texts; identifiers that tell it; columns that do not."""
    ways: tuple[Callable[[str, str], str], ...] = (
        lambda t, k: f"{t} [{k}]", lambda t, k: f"category: {k} - {t}",
        lambda t, k: f"{t} {k}", lambda t, k: f"{t} #{k}",
    )  # fmt: skip
    clean = leaks.leaks(bench.material(bench.rows))
    found = 0
    for way in ways:
        rows = [(way(t, k), k) if n % 10 == 0 else (t, k) for n, (t, k) in enumerate(bench.rows)]
        found += any(p.code == "label-in-text" for p in leaks.leaks(bench.material(rows)))
    bench.say("label in text", found, len(ways), len(clean), 1, "clean set")
    size = len(bench.rows)
    order = sorted(range(size), key=lambda n: bench.rows[n][1])
    place = {n: str(10_000 + rank) for rank, n in enumerate(order)}
    telling = {"ticket": [f"{k[:3].upper()}{bench.labels.index(k)}X-{n}" for n, (_, k) in enumerate(bench.rows)], "number": [place[n] for n in range(size)], "folder": [f"box {bench.labels.index(k)}" for _, k in bench.rows]}  # fmt: skip
    telling["ticket"] = [
        f"K{'ABCDEFGHIJ'[bench.labels.index(k) % 10]}{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[bench.labels.index(k) // 10 % 26]}-{n}"
        for n, (_, k) in enumerate(bench.rows)
    ]
    blank = {
        "id": [str(n) for n in bench.dice.sample(range(10 * size), size)],
        "shop": [bench.dice.choice("abcde") for _ in range(size)],
    }
    said = {
        p.place.column
        for p in leaks.leaks(bench.material(bench.rows, extra=telling))
        if p.code == "column-tells-label"
    }
    alarms = [
        p
        for p in leaks.leaks(bench.material(bench.rows, extra=blank))
        if p.code == "column-tells-label"
    ]
    bench.say(
        "telling column", len(said & set(telling)), len(telling), len(alarms), len(blank), "columns"
    )


def language(bench: Bench) -> None:
    """Texts in other languages, and random letters."""
    noise = [
        "".join(bench.dice.choice("bcdfghjklmnpqrstvwxz ") for _ in range(30)) for _ in range(40)
    ]
    rows = [*bench.rows, *[(t, bench.rows[0][1]) for t in (*FOREIGN * 5, *noise)]]
    size = len(bench.rows)
    said = {p.code: set(p.rows) for p in strange.strange_texts(bench.material(rows), Silent())}
    spots = {"other-language": range(size, size + 30), "gibberish": range(size + 30, size + 70)}
    for code, at in spots.items():
        rows_said = said.get(code, set())
        bench.say(code, len(rows_said & set(at)), len(at), len(rows_said - set(at)), size, "rows")


def odd(bench: Bench) -> None:
    """Ten sentences from nowhere near."""
    strange_ones = ODD
    rows = [*bench.rows, *[(t, bench.rows[0][1]) for t in strange_ones]]
    said = {
        n
        for p in outliers.odd_ones(bench.material(rows), bench.vectors(rows), Silent())
        for n in p.rows
    }
    planted = set(range(len(bench.rows), len(rows)))
    bench.say(
        "odd ones", len(said & planted), len(planted), len(said - planted), len(bench.rows), "rows"
    )


def together(bench: Bench) -> None:
    """A second file of 150 rows in which four of ten labels are flipped; and one that is clean."""
    found = alarms = 0
    for trial in range(5):
        for bad in (True, False):
            at = set(bench.dice.sample(range(len(bench.rows)), 150))
            flip = set(bench.dice.sample(sorted(at), 60)) if bad else set()
            rows = [
                (t, bench.other(k)) if n in flip else (t, k) for n, (t, k) in enumerate(bench.rows)
            ]
            files = [f"new{trial}" if n in at else "old" for n in range(len(rows))]
            made, seen, fit = bench.fitted(rows, files=files)
            hit = any("new" in p.title for p in wrong_labels.came_together(made, seen, fit))
            found += hit and bad
            alarms += hit and not bad
    bench.say("came together", found, 5, alarms, 5, "clean files")


def cluster(bench: Bench) -> None:
    """Rows of one label slipped into another, a fifth of its size."""
    sizes = {k: [n for n, (_, label) in enumerate(bench.rows) if label == k] for k in bench.labels}
    large = [k for k in bench.labels if len(sizes[k]) >= 50]
    found, tries = 0, min(8, len(large))
    made, seen, fit = bench.fitted(bench.rows)
    clean = outliers.strange_clusters(made, fit)
    groups = np.array(made.near.groups)
    for _ in range(tries):
        home = bench.dice.choice(large)
        source = bench.dice.choice([k for k in large if k != home])
        moved = set(
            bench.dice.sample(
                sizes[source], min(len(sizes[source]) // 2, max(10, len(sizes[home]) // 5))
            )
        )
        rows = [(t, home if n in moved else k) for n, (t, k) in enumerate(bench.rows)]
        made = bench.material(rows)
        fit = label_noise.out_of_fold(seen, made.codes, groups=groups, labels=len(made.labels))
        said = outliers.strange_clusters(made, fit)
        found += any(len(set(p.rows) & moved) > 0.5 * len(moved) for p in said)
    bench.say("cluster", found, tries, len(clean), len(bench.labels), "labels")


TRIALS: tuple[Callable[[Bench], None], ...] = (
    near,
    wrong,
    trigger,
    personal,
    forms,
    leak,
    language,
    odd,
    together,
    cluster,
)


if __name__ == "__main__":
    main()
