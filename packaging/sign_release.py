"""Signs what the app is told about a new version: `sign_release.py VERSION PAGE [NOTES]`.

The makers' private key comes from ZEROAPP_SIGNING_KEY (base64); `sign_release.py --new-key` makes a
pair. The answer goes to stdout and is what the server hands out.
"""

import base64
import json
import os
import sys
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def new_key() -> dict[str, str]:
    """A private key for the release secrets and the public one that is built into the app."""
    key = Ed25519PrivateKey.generate()
    return {
        "private": base64.b64encode(key.private_bytes_raw()).decode(),
        "public": base64.b64encode(key.public_key().public_bytes_raw()).decode(),
    }


def signed(version: str, page: str, notes: str, *, key: str) -> dict[str, str]:
    """The manifest as text and the signature of that very text."""
    today = datetime.now(UTC).date().isoformat()
    told = {"version": version, "released": today, "page": page, "notes": notes}
    manifest = json.dumps(told)
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(key))
    signature = base64.b64encode(private.sign(manifest.encode())).decode()
    return {"manifest": manifest, "signature": signature}


def main(words: list[str]) -> int:
    """Do what the words ask for."""
    match words:
        case ["--new-key"]:
            print(json.dumps(new_key(), indent=2))
        case [version, page, *notes]:
            key = os.environ["ZEROAPP_SIGNING_KEY"]
            print(json.dumps(signed(version, page, " ".join(notes), key=key)))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
