"""How personal data and secrets are written. Patterns only."""

import re

# --- numbers with check digits ------------------------------------------------------------------

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+(?:'[\w.+-]+)?@[\w-]+(?:\.[\w-]+)+\b")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{1,4}){3,8}\b", re.IGNORECASE)
CARD = re.compile(r"(?<![\d.])(?:\d[ -]?){12,18}\d(?![\d.]\d)")
CARD_MAKERS = re.compile(
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|6(?:011|4[4-9]|5)|35|30[0-5]|3[68]|62"
    r"|5018|5020|5038|5893|6304|6759|676[1-3]"
)
ID = re.compile(r"\b(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b")
_BYTE = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
IP = re.compile(
    rf"(?<![\w.])(?:{_BYTE}\.){{3}}{_BYTE}(?![\w.]\w)"
    r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}(?![\w:])"
)

# --- passwords and keys --------------------------------------------------------------------------

KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{22,}\b|\bglpat-[\w-]{20,}"
    r"|\bxox[abprs]-[\w-]{10,}"
    r"|\b[srp]k_(?:live|test)_[A-Za-z0-9]{16,}\b"
    r"|\bAIza[\w-]{35}"
    r"|\bsk-(?:ant-|proj-)?[\w-]{20,}"
    r"|\bhf_[A-Za-z0-9]{30,}\b"
    r"|\bSG\.[\w-]{16,}\.[\w-]{16,}"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}",
    re.DOTALL,
)
SAID_KEY = re.compile(
    r"\b(?:api[ _-]?key|secret|token|pass ?word|passwd|passphrase|pwd|pin code|passwort|kennwort"
    r"|mot de passe|contraseña)\b\s*(?:is|was|ist|est|es|=|:)+\s*[\"'“„]?"
    r"(?P<value>[^\s\"'”“,;]{6,})",
    re.IGNORECASE,
)

# --- phone numbers -------------------------------------------------------------------------------

PHONES = (
    re.compile(
        r"(?<![\w-])(?<!\+\d\d[ .-])(?<!\+\d\d\d[ .-])(?:\+?0{0,2}1[ .-]?)?"
        r"(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?: ?x\d{1,5})?(?![\w-])"
    ),
    re.compile(r"(?<![\w+])(?:\+|00)[1-9]\d{0,2}[ ./()-]{0,2}(?:\d[ ./()-]{0,2}){5,12}\d(?!\w)"),
    re.compile(
        r"\b(?:call|phone|tel|telephone|mobile|cell|whatsapp|number|reach me|telefon|handy"
        r"|rufnummer|téléphone|portable|teléfono|móvil|telefono|cellulare)\b[^\w+(]{0,3}"
        r"(?:(?:me|us|back|number|nr|no|is|at|on|ist|unter|au|est|al|es|il|è)\b[^\w+(]{0,3}){0,4}"
        r"(?P<value>[+(]?\d[\d ()./-]{5,18}\d)(?![\w-])",
        re.IGNORECASE,
    ),
)
"""North America as it is written there (also numbers that nobody has), with a country code,
after a word that announces a number."""

WRITTEN_AS_PHONE = re.compile(r"^[+0(]|\d[ ./()-]+\d")

# --- names ---------------------------------------------------------------------------------------

_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'’-]+"
_BETWEEN = r"van|von|de|da|del|la|le|bin|al|[A-Z]\."
_FULL = rf"(?!Your?\b|The\b|This\b){_CAPITAL}(?:(?: (?:{_BETWEEN})){{0,2}} {_CAPITAL}){{0,3}}"
_NOT_A_NAME = (
    r"(?!(?:on|not|in|at|wrong|incorrect|missing|the|a|an|my|is|misspelled|spelled|still|also"
    r"|no|listed|and|changed|different|correct|pas|mal|nicht|falsch)\b)"
)
NAMES = (
    re.compile(
        r"\b(?i:my (?:full |first |last )?name is|my name's|i am called|mein name ist"
        r"|ich hei(?:ß|ss)e|je m['’]appelle|mon nom est|me llamo|mi nombre es|mi chiamo"
        rf"|mijn naam is)[ :]+(?P<name>{_FULL})"
    ),
    re.compile(
        r"\b(?:my name is|my name's|mein name ist|ich heiße|je m'appelle|me llamo|mi chiamo)[ :]+"
        rf"(?P<name>{_NOT_A_NAME}[^\W\d_]{{3,}}(?: [^\W\d_]{{3,}})?)"
        r"(?=[.,;!?]|$| and | und | et | y )",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Monsieur|Madame|Sr|Sra|Señor|Señora)\.? "
        rf"(?P<name>{_FULL})"
    ),
    re.compile(
        r"\b(?i:(?:kind |best |warm )?regards|sincerely|yours truly|cheers|best wishes|many thanks"
        r"|mit freundlichen grüßen|viele grüße|liebe grüße|cordialement|saludos"
        rf"|cordiali saluti)\s*[,\n]\s*(?P<name>{_FULL})(?=\s*(?:$|\n|[.,]))"
    ),
)
"""After words that announce a name; written small only where it ends the phrase."""

# --- addresses -----------------------------------------------------------------------------------

_STREETS = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|way|place|pl|square"
    r"|sq|terrace|close|crescent|highway|hwy|parkway|pkwy|circle|row|gardens|mews)"
)
_TOWN = r"(?:,? (?:[A-Z]\w+,? ){0,3}[A-Z]{2} \d{5}(?:-\d{4})?|,? \d{4,5} [A-ZÄÖÜ]\w+)?"
_LITTLE = r"de|del|di|da|do|la|las|los"
ADDRESSES = (
    re.compile(
        r"\b\d{1,5}[a-zA-Z]?,? (?:[A-Z][a-z'’.-]+,? |[NSEW]\.? |\d+(?:st|nd|rd|th) ){1,4}"
        rf"(?i:{_STREETS})\b\.?(?:,? (?:Apt|Suite|Unit|Flat)\.? \w+)?{_TOWN}"
    ),
    re.compile(
        r"\b[A-ZÄÖÜ][\wäöüß.-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm|ufer"
        rf"|straat|laan|plein) \d{{1,4}} ?[a-z]?\b{_TOWN}"
    ),
    re.compile(
        r"\b\d{1,4}(?: bis)?,? (?i:rue|avenue|boulevard|place|chemin|impasse|quai|allée)"
        rf"(?: (?:de|du|des|la|le|l['’]\w+|d['’]\w+|[A-ZÀ-Þ][\w-]+)){{1,5}}{_TOWN}"
    ),
    re.compile(
        r"\b(?:Calle|Avenida|Avda\.?|Plaza|Paseo|Via|Viale|Piazza|Corso|Rua)"
        rf"(?: (?:{_LITTLE}|[A-ZÀ-Þ][\w-]+)){{1,5}},? (?:n[ºo°.]* ?)?\d{{1,4}}\b{_TOWN}"
    ),
    re.compile(r"\b[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}\b"),
)
"""A street with a number, as it is written in six languages; a British postcode."""
