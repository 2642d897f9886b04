"""Base models from a Hub: fetched whole, gone on from, checked, and refused when not trusted."""

import json
import logging
import shutil
from pathlib import Path

import httpx2
import pytest

from support import tiny_model
from support.hub_server import HubServer
from zeroapp import settings
from zeroapp.credentials import hub_token
from zeroapp.errors import AppError, ModelError, ResourceError, UsageError
from zeroapp.models import describe, is_hub_name, prepare, remove, token_counter
from zeroapp.models import download as download_module
from zeroapp.models.download import downloaded
from zeroapp.models.hub import endpoint
from zeroapp.models.store import models_dir
from zeroapp.protocol import PhaseEntered, Progressed
from zeroapp.work import Silent, Stopped

KEY = "maker/tiny"
TOKEN = "hf_" + "secret" * 5
AT_ONCE = (0.0,)


class Watched(Silent):
    """Collects what is said; wants to stop once `until` bytes have come."""

    def __init__(self, until=None):
        self.events, self.until = [], until

    def say(self, event):
        self.events.append(event)

    def progress(self):
        return [event for event in self.events if isinstance(event, Progressed)]

    def stop_wanted(self):
        said = self.progress()
        return self.until is not None and bool(said) and said[-1].done >= self.until


@pytest.fixture
def model(tmp_path) -> Path:
    return tiny_model.make(tmp_path / "model")


@pytest.fixture
def hub(model, monkeypatch):
    with HubServer(model, key=KEY) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        monkeypatch.setattr(download_module, "hub_token", lambda: None)
        yield server


@pytest.fixture
def with_token(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(download_module, "hub_token", hub_token)


def code_of(call, *arguments, **more) -> str:
    with pytest.raises(AppError) as caught:
        call(*arguments, **more)
    assert caught.value.hint.endswith(".")
    return caught.value.code


def weights_requested(hub) -> bool:
    """Whether more than a header was asked for."""
    return any(
        "-" not in one.headers.get("range", "") or one.headers["range"].endswith("-")
        for name in hub.names()
        if name.endswith((".safetensors", ".bin"))
        for one in hub.asked_for(name)
    )


def test_a_model_comes_whole_and_loads_alone(hub, model):
    work = Watched()
    folder = prepare(KEY, work)
    assert folder.name == hub.behaviour.commit
    for name in hub.names():
        assert (folder / name).read_bytes() == (model / name).read_bytes()
    assert any(isinstance(event, PhaseEntered) for event in work.events)
    last = work.progress()[-1]
    assert last.done == last.total == sum((model / name).stat().st_size for name in hub.names())
    assert token_counter(folder)(["I lost my cards"]) == [7]  # 5 pieces and two special tokens
    note = json.loads((folder / "zeroapp-base.json").read_text())
    assert note["commit"] == hub.behaviour.commit
    expected = f"sha256:{tiny_model.sha256(model / 'model.safetensors')}"
    assert note["checksums"]["model.safetensors"] == expected
    assert sorted(path.name for path in folder.parent.iterdir()) == [folder.name]


@pytest.mark.slow
def test_transformers_reads_a_downloaded_model(hub):
    from transformers import AutoModel, AutoTokenizer

    folder = prepare(KEY, Silent())
    model, report = AutoModel.from_pretrained(folder, output_loading_info=True)
    assert not any(report.values())
    batch = AutoTokenizer.from_pretrained(folder)("I lost my card", return_tensors="pt")
    assert model(**batch).last_hidden_state.isfinite().all()


def test_what_is_here_is_used_without_the_network_even_when_the_hub_has_newer(hub):
    folder = prepare(KEY, Silent())
    asked = len(hub.requests)
    hub.behaviour.commit = "f" * 40
    assert prepare(KEY, Silent()) == folder
    assert describe(KEY).licence == "mit"
    assert len(hub.requests) == asked


def test_describe_reads_small_files_and_headers_only(hub, model):
    base = describe(KEY)
    # Counted by hand from tiny_model: 11*8+32*8+2*8+2*8 embeddings; per layer 4*(64+8)+128+16+
    # 128+8+4*8 = 600; pooler 64+8.
    assert (base.parameters, base.embedding_parameters) == (376 + 2 * 600 + 72, 376)
    assert (base.layers, base.hidden, base.intermediate, base.vocabulary) == (2, 8, 16, 11)
    assert base.max_length == 32  # the position table is shorter than the tokenizer's 512
    assert base.bytes == (model / "model.safetensors").stat().st_size
    assert (base.pooling, base.source, base.title) == ("mean", "hub", "tiny")
    assert (base.licence, base.may_sell, base.languages) == ("mit", True, ("en",))
    assert not weights_requested(hub)
    assert not models_dir().exists()
    prepare(KEY, Silent())
    assert describe(KEY) == base  # from the folder, the same


@pytest.mark.parametrize(
    ("licence", "sell"),
    [("cc-by-nc-4.0", False), (["other"], False), (None, False), (["apache-2.0"], True)],
)
def test_licences_are_shown_and_doubt_means_no_selling(hub, licence, sell):
    hub.behaviour.licence = licence
    hub.behaviour.language = ["de", "multilingual"]
    base = describe(KEY)
    assert base.may_sell is sell
    assert base.licence_note
    assert base.languages == ("de", "*")


def test_sharded_weights_come_with_their_index(hub, model):
    shutil.rmtree(model)
    tiny_model.make(model, sharded=True, mean=False)
    folder = prepare(KEY, Silent())
    assert len(list(folder.glob("model-0000?-of-00002.safetensors"))) == 2
    assert (folder / "model.safetensors.index.json").is_file()
    assert describe(KEY).pooling == "native"
    assert describe(KEY).parameters == 376 + 2 * 600 + 72


def test_a_chat_template_in_a_file_of_its_own_comes_too(hub, model):
    (model / "chat_template.jinja").write_text("{{ messages }}")
    assert (prepare(KEY, Silent()) / "chat_template.jinja").read_text() == "{{ messages }}"


def test_only_what_is_needed_is_fetched(hub, model):
    (model / "pytorch_model.bin").write_bytes(b"pickle")
    (model / "onnx").mkdir()
    (model / "onnx/model.safetensors").write_bytes(b"x")
    (model / "run_me.py").write_text("boom")
    hub.behaviour.extra_names = ("../../evil.py", "/etc/passwd")
    folder = prepare(KEY, Silent())
    assert not [
        name for name in ("pytorch_model.bin", "onnx", "run_me.py") if (folder / name).exists()
    ]
    assert not hub.asked_for("pytorch_model.bin")


def test_a_broken_connection_is_gone_on_from_by_itself(hub, model):
    hub.behaviour.cut = {"model.safetensors": 3000}
    folder = downloaded(KEY, Silent(), pauses=AT_ONCE)
    whole = [one for one in hub.asked_for("model.safetensors") if one.port != 0]
    assert any(one.headers.get("range") == "bytes=3000-" for one in whole)
    assert (folder / "model.safetensors").read_bytes() == (model / "model.safetensors").read_bytes()


def test_a_download_that_gave_up_is_gone_on_from_the_next_time(hub, model):
    hub.behaviour.cut = {"model.safetensors": 3000}
    assert code_of(downloaded, KEY, Silent(), pauses=()) == "download-broken"
    part = next(models_dir().rglob("model.safetensors.part"))
    assert part.stat().st_size == 3000
    assert not list(models_dir().rglob("zeroapp-base.json"))  # nothing looks whole
    before = len(hub.requests)
    work = Watched()
    folder = downloaded(KEY, work, pauses=())
    later = [one for one in hub.requests[before:] if one.path.endswith("model.safetensors")]
    assert "bytes=3000-" in [one.headers.get("range") for one in later]
    assert work.progress()[0].done >= 3000  # what was there before counts
    assert (folder / "model.safetensors").read_bytes() == (model / "model.safetensors").read_bytes()


def test_a_hub_that_knows_no_ranges_sends_all_again(hub, model):
    hub.behaviour.cut = {"model.safetensors": 3000}
    hub.behaviour.ignore_range = True
    work = Watched()
    folder = downloaded(KEY, work, pauses=AT_ONCE)
    assert (folder / "model.safetensors").read_bytes() == (model / "model.safetensors").read_bytes()
    assert max(event.done for event in work.progress()) == work.progress()[-1].total


def test_stop_is_heeded_and_what_came_stays(hub, model):
    with pytest.raises(Stopped):
        downloaded(KEY, Watched(until=1), pauses=())
    kept = {path.name for path in models_dir().rglob("*") if path.is_file()}
    assert kept - {".hub--maker--tiny.lock"}
    assert "zeroapp-base.json" not in kept
    assert prepare(KEY, Silent()).is_dir()


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
@pytest.mark.parametrize("plain", [False, True], ids=["sums in the listing", "sums in headers"])
def test_a_wrong_byte_is_noticed_and_thrown_away(hub, name, plain):
    hub.behaviour.plain_listing = plain
    hub.behaviour.spoil = {name}
    if name == "config.json":
        (hub.folder / name).write_text((hub.folder / name).read_text() + " ")  # spoils a blank
    assert code_of(downloaded, KEY, Silent(), pauses=()) in {"download-broken", "model-broken"}
    assert not list(models_dir().rglob(f"{name}*")) if models_dir().exists() else True
    hub.behaviour.spoil = set()
    assert prepare(KEY, Silent()).is_dir()


def test_sums_from_headers_are_kept_in_the_note(hub, model):
    hub.behaviour.plain_listing = True
    note = json.loads((prepare(KEY, Silent()) / "zeroapp-base.json").read_text())
    assert set(note["checksums"]) == set(hub.names())
    assert all(text.startswith(("sha256:", "git:")) for text in note["checksums"].values())


def test_a_gated_model_says_where_the_token_goes(hub):
    hub.behaviour.token = TOKEN
    with pytest.raises(ModelError) as caught:
        prepare(KEY, Silent())
    assert caught.value.code == "model-gated"
    assert f"{hub.address}/{KEY}" in caught.value.hint
    assert "settings" in caught.value.hint


def test_the_token_opens_a_gated_model_and_goes_nowhere_else(hub, with_token, zeroapp_home, caplog):
    caplog.set_level(logging.DEBUG)
    hub.behaviour.token = TOKEN
    prepare(KEY, Silent())
    hub_port, storage_port = (httpx2.URL(one).port for one in (hub.address, hub.storage))
    sent = {one.port for one in hub.requests if "authorization" in one.headers}
    assert sent == {hub_port}
    assert storage_port in {one.port for one in hub.requests}
    files = [path for path in zeroapp_home.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]
    assert TOKEN not in caplog.text
    assert not any(TOKEN in str(record.__dict__) for record in caplog.records)


def test_an_open_model_is_fetched_without_the_token(hub, with_token):
    prepare(KEY, Silent())
    assert not [one for one in hub.requests if "authorization" in one.headers]


def test_a_token_without_access_is_told_apart(hub, with_token):
    hub.behaviour.gated = True
    with pytest.raises(ModelError) as caught:
        prepare(KEY, Silent())
    assert caught.value.code == "model-gated"
    assert "Ask for access" in caught.value.hint
    assert TOKEN not in str(caught.value.failure())


def test_a_model_that_is_not_there(hub):
    assert code_of(prepare, "maker/unknown", Silent()) == "model-missing"
    assert code_of(describe, "nonsense") == "model-missing"


@pytest.mark.parametrize(("status", "code"), [(503, "hub-busy"), (429, "hub-busy")])
def test_a_hub_in_trouble(hub, status, code):
    hub.behaviour.status = status
    assert code_of(prepare, KEY, Silent()) == code


def test_no_network_names_the_starters(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # the discard port: nobody listens
    with pytest.raises(ModelError) as caught:
        prepare(KEY, Silent())
    assert caught.value.code == "no-network"
    assert "starter" in caught.value.hint


def test_a_network_that_goes_away_in_between_keeps_what_came(hub, monkeypatch):
    hub.behaviour.cut = {"model.safetensors": 3000}
    assert code_of(downloaded, KEY, Silent(), pauses=()) == "download-broken"
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert code_of(prepare, KEY, Silent()) == "no-network"
    assert next(models_dir().rglob("model.safetensors.part")).stat().st_size == 3000


def _pickles(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _no_weights(folder):
    (folder / "model.safetensors").unlink()


def _escaping_index(folder):
    (folder / "model.safetensors").unlink()
    index = {"weight_map": {"a": "../../../evil.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def _index_to_nowhere(folder):
    (folder / "model.safetensors").unlink()
    index = {"weight_map": {"a": "model-1.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def _config(folder, **change):
    config = json.loads((folder / "config.json").read_text()) | change
    (folder / "config.json").write_text(json.dumps(config))


def _custom_code(folder):
    _config(folder, auto_map={"AutoModel": "modeling_x.X"})


def _custom_tokenizer(folder):
    text = '{"auto_map": {"AutoTokenizer": ["tok.T", null]}}'
    (folder / "tokenizer_config.json").write_text(text)


def _unknown_kind(folder):
    _config(folder, model_type="seamless_m4t")


def _decoder(folder):
    _config(folder, is_decoder=True)


def _packed(folder):
    _config(folder, quantization_config={"quant_method": "gptq"})


def _cut_config(folder):
    (folder / "config.json").write_text('{"model_type": "be')


def _no_config(folder):
    (folder / "config.json").unlink()


def _no_words(folder):
    (folder / "tokenizer.json").unlink()


def _cut_weights(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def _huge_header(folder):
    (folder / "model.safetensors").write_bytes((2**62).to_bytes(8, "little") + b"{}")


REFUSED = [
    (_pickles, "model-unsafe"),
    (_escaping_index, "model-unsafe"),
    (_custom_code, "model-custom-code"),
    (_custom_tokenizer, "model-custom-code"),
    (_unknown_kind, "model-unsuitable"),
    (_decoder, "model-unsuitable"),
    (_packed, "model-unsuitable"),
    (_no_weights, "model-unsuitable"),
    (_no_config, "model-unsuitable"),
    (_no_words, "model-unsuitable"),
    (_index_to_nowhere, "model-broken"),
    (_cut_config, "model-broken"),
    (_cut_weights, "model-broken"),
    (_huge_header, "model-broken"),
]


@pytest.mark.parametrize(("spoil", "code"), REFUSED, ids=lambda one: getattr(one, "__name__", one))
def test_what_cannot_be_trusted_is_refused_before_its_weights_are_fetched(hub, spoil, code):
    spoil(hub.folder)
    assert code_of(describe, KEY) == code
    assert code_of(prepare, KEY, Silent()) == code
    assert not weights_requested(hub)
    assert not list(models_dir().rglob("*.safetensors*"))


@pytest.mark.parametrize(("spoil", "code"), REFUSED, ids=lambda one: getattr(one, "__name__", one))
def test_a_local_folder_stands_under_the_same_rules(model, spoil, code):
    spoil(model)
    assert code_of(describe, str(model)) == code
    assert code_of(prepare, str(model), Silent()) == code


def test_a_local_folder_is_used_where_it_lies(model):
    before = {path: path.read_bytes() for path in model.rglob("*") if path.is_file()}
    assert prepare(str(model), Silent()) == model
    base = describe(str(model))
    assert (base.source, base.licence, base.may_sell) == ("folder", "apache-2.0", True)
    assert base.key == str(model)
    assert {path: path.read_bytes() for path in model.rglob("*") if path.is_file()} == before
    assert code_of(describe, str(model / "none")) == "model-missing"


def test_an_adapter_would_pull_in_another_model(model):
    (model / "adapter_config.json").write_text("{}")
    assert code_of(prepare, str(model), Silent()) == "model-unsuitable"


def test_too_little_space_is_said_before_the_download(hub, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(ResourceError) as caught:
        prepare(KEY, Silent())
    assert caught.value.code == "disk-full"
    assert not weights_requested(hub)


def test_a_disk_that_fills_up_keeps_what_came(hub, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(download_module, "put_in_place", full)
        assert code_of(prepare, KEY, Silent()) == "disk-full"
    before = len(hub.requests)
    prepare(KEY, Silent())
    after = hub.requests[before:]
    # Only headers again: the weights were here already.
    assert not [one for one in after if one.path.endswith("tensors") and "range" not in one.headers]


def test_an_older_half_download_is_cleared_away(hub):
    hub.behaviour.cut = {"model.safetensors": 3000}
    assert code_of(downloaded, KEY, Silent(), pauses=()) == "download-broken"
    hub.behaviour.commit = "a" * 40
    prepare(KEY, Silent())
    assert not list(models_dir().rglob("*.part"))


def test_a_model_that_was_removed_is_had_anew(hub, model):
    folder = prepare(KEY, Silent())
    assert remove(KEY)
    assert not folder.exists()
    assert not remove(KEY)
    assert prepare(KEY, Silent()) == folder
    for other in ("../..", str(model), ".", "minilm-l6"):
        assert not remove(other)
    assert model.is_dir()


def test_a_proxy_that_cannot_be_spoken_to_counts_as_no_network(hub, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks4://127.0.0.1:1080")
    assert code_of(prepare, KEY, Silent()) == "no-network"


@pytest.mark.parametrize(
    "name",
    ["../etc", "a/../b", "a/b/c", "a//b", "/abs", "a/b..c", "a--b/c", "a/b.", ".a/b", "a/b\n"],
)
def test_names_that_lead_elsewhere_are_no_hub_names(name):
    assert not is_hub_name(name)


@pytest.mark.parametrize(
    "name", ["google-bert/bert-base-uncased", "intfloat/e5-small-v2", "A1/b_c"]
)
def test_names_as_on_the_hub(name):
    assert is_hub_name(name)


def test_the_address_of_the_hub_comes_from_environment_then_settings(monkeypatch):
    assert endpoint() == "https://huggingface.co"
    settings.save(settings.Settings(hub_endpoint="https://mirror.example/"))
    assert endpoint() == "https://mirror.example"
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:8080")
    assert endpoint() == "http://127.0.0.1:8080"
    for address in ("http://mirror.example", "ftp://mirror.example", "nonsense", "file:///etc"):
        monkeypatch.setenv("HF_ENDPOINT", address)
        with pytest.raises(UsageError) as caught:
            endpoint()
        assert caught.value.code == "hub-endpoint"


@pytest.mark.slow
def test_a_bare_word_list_becomes_a_tokenizer(hub, model):
    (model / "tokenizer.json").unlink()
    (model / "vocab.txt").write_text("\n".join(tiny_model.WORDS) + "\n")
    folder = prepare(KEY, Silent())
    assert token_counter(folder)(["I lost my cards"]) == [7]
