"""Pictures are opened in bounded space, upright and in plain colours, and kept as clean copies."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from support.made_files import huge_png
from zeroapp import pictures, pixels
from zeroapp.errors import DataError


def photo(size=(60, 40), *, seed=0) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 255, (5, 5, 3), np.uint8)
    return Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)


def test_a_photo_is_turned_the_way_it_was_held(tmp_path):
    image = photo()
    exif = image.getexif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x8825] = {1: "N"}  # a place
    image.save(tmp_path / "a.jpg", exif=exif)
    kept = pixels.keep(tmp_path / "a.jpg", into=tmp_path / "files")
    with Image.open(pictures.stored(tmp_path / "files", kept.name)) as copy:
        assert copy.size == (40, 60)
        assert not copy.getexif()
    assert pictures.is_stored_name(kept.name)


@pytest.mark.parametrize(
    ("mode", "ending"),
    [
        ("RGBA", "png"),
        ("LA", "png"),
        ("P", "png"),
        ("1", "png"),
        ("I;16", "png"),
        ("L", "jpg"),
        ("CMYK", "jpg"),
        ("RGB", "webp"),
        ("RGBA", "webp"),
        ("RGB", "bmp"),
        ("RGB", "tif"),
        ("CMYK", "tif"),
    ],
)
def test_every_way_of_keeping_colours_becomes_plain(mode, ending, tmp_path):
    path = tmp_path / f"a.{ending}"
    if mode == "I;16":
        Image.fromarray(np.full((30, 40), 40_000, np.uint16)).save(path)
    else:
        photo().convert(mode).save(path)
    image = pixels.open_picture(path)
    assert image.mode == "RGB"
    if mode == "I;16":
        assert np.asarray(image).mean() == pytest.approx(40_000 / 257, abs=1)


def test_what_is_seen_through_is_white(tmp_path):
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert np.asarray(pixels.open_picture(tmp_path / "a.png")).min() == 255


def test_of_a_picture_that_moves_the_first_is_kept(tmp_path):
    frames = [photo(seed=n) for n in range(3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert pixels.keep(tmp_path / "a.gif", into=tmp_path / "files").animated


def test_a_large_photo_becomes_small(tmp_path):
    photo((3000, 2000)).save(tmp_path / "a.jpg")
    kept = pixels.keep(tmp_path / "a.jpg", into=tmp_path / "files")
    with Image.open(pictures.stored(tmp_path / "files", kept.name)) as copy:
        assert copy.size == (768, 512)


def cut_off() -> bytes:
    out = io.BytesIO()
    photo((400, 300)).save(out, "JPEG")
    return out.getvalue()[: out.tell() // 2]


def second_frame_cut_off() -> bytes:
    out = io.BytesIO()
    first, second = photo((40, 30)), photo((40, 30)).rotate(180)
    first.save(out, "GIF", save_all=True, append_images=[second])
    data = out.getvalue()
    control = data.rindex(b"\x21\xf9\x04")  # a frame's size and place follow this
    return data[: data.index(b"\x2c", control + 8) + 5]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (huge_png(), "more than 120 million points"),
        (cut_off(), "damaged or cut off"),
        (second_frame_cut_off(), "damaged or cut off"),
        (b"hello, I am a text", "not a picture"),
        (b"", "not a picture"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "picture|damaged"),
    ],
)
def test_what_cannot_be_a_picture_is_refused_with_its_reason(data, why, tmp_path):
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(DataError, match=why) as caught:
        pixels.keep(tmp_path / "a.png", into=tmp_path / "files")
    assert caught.value.code == "not-a-picture"
    assert not (tmp_path / "files").exists()


def test_a_picture_that_asks_for_all_memory_is_refused(tmp_path, monkeypatch):
    def greedy(_):
        raise MemoryError

    photo((40, 30)).save(tmp_path / "a.png")
    monkeypatch.setattr(pixels.ImageOps, "exif_transpose", greedy)
    with pytest.raises(DataError, match="more memory than there is"):
        pixels.open_picture(tmp_path / "a.png")


GOLDEN = Path(__file__).parent / "data" / "golden"
HEIC = GOLDEN / "phone.heic"


def test_a_phones_own_format_is_read(tmp_path):
    kept = pixels.keep(HEIC, into=tmp_path / "files")
    with Image.open(pictures.stored(tmp_path / "files", kept.name)) as copy:
        assert copy.size == (24, 20)


def heic_cut_off(end: int) -> bytes:
    return HEIC.read_bytes()[:end]


def heic_that_was_longer() -> bytes:
    """What libheif still shows: all it looks at is there, but the last box goes on."""
    data = HEIC.read_bytes()
    at = data.index(b"mdat") - 4
    return data[:at] + (len(data) - at + 5000).to_bytes(4, "big") + data[at + 4 :]


@pytest.mark.parametrize(
    "data", [heic_cut_off(520), heic_cut_off(410), heic_cut_off(300), heic_that_was_longer()]
)
def test_a_phones_picture_that_is_cut_off_is_refused(data, tmp_path):
    (tmp_path / "a.heic").write_bytes(data)
    with pytest.raises(DataError, match=r"damaged or cut off|not a picture"):
        pixels.keep(tmp_path / "a.heic", into=tmp_path / "files")


def test_shots_of_a_burst_look_the_same_and_others_do_not():
    shot = photo((200, 150), seed=1)
    again = shot.crop((2, 1, 198, 149)).resize((200, 150))
    prints = [pixels.fingerprint(one) for one in (shot, again, photo((200, 150), seed=2))]
    assert (prints[0] ^ prints[1]).bit_count() <= 6
    assert (prints[0] ^ prints[2]).bit_count() > 12


def test_a_heic_whose_decoder_gives_up_is_told_as_damaged(tmp_path):
    with pytest.raises(DataError) as caught:
        pixels.keep(GOLDEN / "no_points.heic", into=tmp_path / "files")
    assert "damaged" in caught.value.title
