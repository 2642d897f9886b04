"""Why a base model is not taken, in the user's words: one function a reason."""

from zeroapp.errors import ModelError

_SAFE = "Your data is safe, and nothing of the model was run."
_OTHER = "Choose a starter model, or another one from the Hub."


def unsafe(key: str, *, detail: str) -> ModelError:
    """Its weights come only in a format that can run programs, or its file names are odd."""
    return ModelError(
        "model-unsafe",
        title=f"{key} is not offered in a safe format: opening it could run a program. {_SAFE}",
        hint="Choose a model whose weights come as “safetensors” files, or a starter model.",
        detail=detail,
    )


def custom_code(key: str, *, detail: str) -> ModelError:
    """It wants program code of its own to be run."""
    return ModelError(
        "model-custom-code",
        title=f"{key} brings program code of its own, which this app does not run. {_SAFE}",
        hint="Choose a model that works without custom code, or a starter model.",
        detail=detail,
    )


def unsuitable(key: str, *, why: str, hint: str = "") -> ModelError:
    """It is well, but cannot learn to sort texts here. `why` is a sentence."""
    return ModelError(
        "model-unsuitable",
        title=f"{key} cannot be used here. {why} Your data is safe.",
        hint=hint or "Choose a text encoder of the kind BERT, RoBERTa or ModernBERT, or a starter.",
        detail=why,
    )


def broken(key: str, *, detail: str) -> ModelError:
    """A file of it is not what it should be."""
    return ModelError(
        "model-broken",
        title=f"A file of {key} is damaged. Your data is safe.",
        hint=_OTHER,
        detail=detail,
    )


def missing(key: str, *, detail: str = "") -> ModelError:
    """There is no such model, folder or file."""
    return ModelError(
        "model-missing",
        title=f"There is no model called {key}. Your data is safe.",
        hint=(
            "Check how the name is written: owner/name, as on its page. A private model also "
            "needs your Hub token in the settings."
        ),
        detail=detail,
    )


def gated(key: str, *, page: str, with_token: bool) -> ModelError:
    """Its makers ask for a token, or for their terms to be accepted."""
    return ModelError(
        "model-gated",
        title=f"The makers of {key} let only people they know download it. Your data is safe.",
        hint=(
            f"Ask for access on {page}, or check in the settings that the Hub token is right."
            if with_token
            else f"Accept its terms on {page}, make a token there under your account’s access "
            "tokens, and put it into the settings under Hub token."
        ),
        detail=f"with token: {with_token}",
    )


def no_network(*, host: str, detail: str) -> ModelError:
    """The Hub could not be reached."""
    return ModelError(
        "no-network",
        title=f"{host} could not be reached. Your data and what was downloaded are safe.",
        hint="Check the internet connection and try again. The starter models work without it.",
        detail=detail,
    )


def cut_off(key: str, *, detail: str) -> ModelError:
    """The download ended before its end."""
    return ModelError(
        "download-broken",
        title=f"The download of {key} broke off. What has come so far is kept.",
        hint="Try again: it goes on where it broke off.",
        detail=detail,
    )


def wrong_bytes(key: str, *, detail: str) -> ModelError:
    """What came is not what the Hub announced."""
    return ModelError(
        "download-broken",
        title=f"A file of {key} arrived damaged and was thrown away. Your data is safe.",
        hint="Try again. If it happens again, choose another model.",
        detail=detail,
    )


def hub_busy(*, host: str, detail: str) -> ModelError:
    """The Hub answered, but not with what was asked for."""
    return ModelError(
        "hub-busy",
        title=f"{host} cannot answer right now. Your data and what was downloaded are safe.",
        hint="Try again in a few minutes. The starter models work without it.",
        detail=detail,
    )
