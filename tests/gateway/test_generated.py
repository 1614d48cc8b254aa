"""The generated stubs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_stubs_are_current(tmp_path: Path) -> None:
    """The committed stubs are what the contract generates."""
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-Igateway/generated={ROOT / 'proto/scoring/v1'}"]
    outputs = [f"--python_out={tmp_path}", f"--pyi_out={tmp_path}", f"--grpc_python_out={tmp_path}"]
    subprocess.run([*command, *outputs, "gateway/generated/scoring.proto"], check=True, timeout=60)
    made = sorted((tmp_path / "gateway" / "generated").iterdir())
    assert [path.name for path in made] == ["scoring_pb2.py", "scoring_pb2.pyi", "scoring_pb2_grpc.py"]
    for path in made:
        assert path.read_text() == (ROOT / "gateway" / "generated" / path.name).read_text()
