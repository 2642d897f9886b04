"""Where a file comes from, as somebody stated it: a value."""

import msgspec


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """sha256: of the file. source: in a person's own words. licence: a key of `licences` or a name.

    stated_by: the user of this computer who said so. stated_at: UTC, ISO 8601.
    """

    sha256: str
    source: str
    licence: str
    stated_by: str = ""
    stated_at: str = ""
