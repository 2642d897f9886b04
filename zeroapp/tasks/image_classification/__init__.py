"""Image classification, the light half: look at a picture, say which kind it is. Loads no torch."""

from pathlib import Path

from zeroapp.dataset import ColumnKind, Reads
from zeroapp.task import Metric, Role, Sample, Task
from zeroapp.tasks.image_classification.checks import check

TASK = Task(
    key="image_classification",
    title="Sort pictures into kinds",
    blurb="Looks at a photo or a drawing and says which of your kinds it is.",
    reads=Reads.picture,
    roles=(
        Role(
            key="text",
            title="Picture",
            help="What the model looks at.",
            kinds=(ColumnKind.picture,),
            names=("picture", "image", "photo", "file", "filename", "path", "img", "bild"),
        ),
        Role(
            key="label",
            title="Kind",
            help="What the model learns to answer.",
            kinds=(ColumnKind.category,),
            names=(
                *("folder", "label", "labels", "kind", "class", "category", "target", "type"),
                *("product", "species", "breed", "defect", "fault", "status", "state", "quality"),
                *("tag", "group", "name", "kategorie", "klasse", "art", "categorie", "clase"),
            ),
        ),
    ),
    metrics=(
        Metric(key="accuracy", title="Right answers"),
        Metric(key="macro_f1", title="Right answers, every kind counting the same"),
    ),
    check=check,
    sample=Sample(
        path=Path(__file__).parent / "sample" / "fruit.zip",
        title="Fruit on shop shelves",
        source="Grocery Store Dataset, Klasson, Zhang and Kjellström, WACV 2019 (6 of its classes)",
        licence="MIT",
    ),
    training="zeroapp.tasks.image_classification.training",
    exports=("onnx-int8", "onnx", "safetensors"),
)
