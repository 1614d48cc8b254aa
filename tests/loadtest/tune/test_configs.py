"""From the config that is served to variants, and to the configs that are loaded and written."""

import json
from pathlib import Path

import onnx
import pytest
from google.protobuf import json_format, text_format
from tritonclient.grpc import model_config_pb2

from converters.image.engines import configs as image_configs
from converters.model_config import check
from loadtest.errors import LoadTestError
from loadtest.tune.configs import HEADER, check_tunable, config_of, ladder, offers, variant_of
from loadtest.tune.space import Offer
from tests.loadtest.tune.modelled import varied
from tests.standalone.tiny_models import TAGS_CONFIG, tags_model

ONNX_OFFER = Offer("onnxruntime", 1, "fp32")


def parsed(text: str) -> model_config_pb2.ModelConfig:
    """Return a config as Triton reads it."""
    return text_format.Parse(text, model_config_pb2.ModelConfig())


def test_the_served_config_is_a_variant() -> None:
    """Threads that the config leaves open are as many as the server has cores."""
    text = image_configs(4)["config.pbtxt"]
    found = variant_of(parsed(text), ONNX_OFFER, 2)
    assert found == varied(max_batch_size=16)
    assert variant_of(parsed(image_configs(4)["configs/cpu.pbtxt"]), ONNX_OFFER, 2).threads == 4
    openvino = variant_of(parsed(image_configs(4)["configs/cpu-openvino.pbtxt"]), Offer("openvino", 1, "fp32"), 2)
    assert (openvino.threads, openvino.max_batch_size) == (4, 0)


def test_a_variant_changes_what_is_tuned_and_nothing_else() -> None:
    """Names, shapes, labels and other parameters stay; batches of all sizes are warmed up; no version is pinned."""
    base = parsed(image_configs(4)["config.pbtxt"])
    base.parameters["enable_mem_pattern"].string_value = "0"
    made = parsed(config_of(varied(instances=2, threads=1, max_batch_size=8, queue_delay_us=500), base, 1).text(HEADER))
    assert made.dynamic_batching.max_queue_delay_microseconds == 500
    assert not made.dynamic_batching.preferred_batch_size
    assert (made.max_batch_size, made.instance_group[0].count) == (8, 2)
    assert made.parameters["intra_op_thread_count"].string_value == "1"
    assert made.parameters["enable_mem_pattern"].string_value == "0"
    assert made.output == base.output
    assert [each.batch_size for each in made.model_warmup] == [1, 2, 4, 8]
    assert not made.HasField("version_policy")


@pytest.mark.parametrize(
    ("served", "engine"), [("config.pbtxt", "openvino"), ("configs/local-openvino.pbtxt", "onnxruntime")]
)
def test_another_engine_gets_its_own_shapes_and_parameters(served: str, engine: str) -> None:
    """OpenVINO's backend has the batch axis in the dims and merges nothing; ONNX Runtime's has neither of these."""
    batch = 0 if engine == "openvino" else 16
    wanted = varied(engine=engine, max_batch_size=batch, threads=1, version=3)
    made = parsed(config_of(wanted, parsed(image_configs(4)[served]), newest=4).text(HEADER))
    expected = parsed(image_configs(1)["configs/cpu-openvino.pbtxt" if engine == "openvino" else "configs/cpu.pbtxt"])
    assert list(made.version_policy.specific.versions) == [3]
    made.ClearField("version_policy")
    assert made == expected


def test_what_is_loaded_is_what_is_written() -> None:
    """The JSON for Triton and the file for the repository are one config, and true to the model's file."""
    config = config_of(varied(threads=1, max_batch_size=8), parsed(TAGS_CONFIG), 1, "why")
    assert json_format.Parse(config.json(), model_config_pb2.ModelConfig()) == parsed(config.text(HEADER))
    check(config.text(HEADER), onnx.load_from_string(tags_model().SerializeToString()))
    assert config.text(HEADER).startswith(HEADER + "# why\n")


def test_ladders_end_at_the_largest_batch() -> None:
    """Each size is twice the one before."""
    assert ladder(1) == (1,)
    assert ladder(16) == (1, 2, 4, 8, 16)
    assert ladder(48) == (1, 2, 4, 8, 16, 32, 48)


def test_the_newest_version_of_each_precision_is_offered_to_each_installed_engine(tmp_path: Path) -> None:
    """Folders without a model file are none; a version without a card has no precision."""
    for version, precision in ((1, "fp32"), (2, "int8"), (3, "fp32"), (4, None), (5, "fp32")):
        folder = tmp_path / str(version)
        folder.mkdir()
        if version != 5:
            (folder / "model.onnx").touch()
        if precision:
            (folder / "model.json").write_text(json.dumps({"precision": precision, "version": version}))
    found = offers(tmp_path, {"onnxruntime": True, "openvino": False})
    assert found == [Offer("onnxruntime", 4, ""), Offer("onnxruntime", 3, "fp32"), Offer("onnxruntime", 2, "int8")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TAGS_CONFIG.replace("KIND_CPU", "KIND_GPU"), "served on a GPU"),
        (TAGS_CONFIG.replace('"onnxruntime"', '"python"'), "backend 'python'"),
    ],
)
def test_configs_that_cannot_be_tuned_are_refused(text: str, message: str) -> None:
    """What divides no cores cannot be divided."""
    check_tunable(parsed(TAGS_CONFIG))
    with pytest.raises(LoadTestError, match=message):
        check_tunable(parsed(text))
