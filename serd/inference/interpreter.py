"""The one place where a TFLite interpreter is imported.

ai-edge-litert is the default; tflite-runtime, its predecessor, serves where that has no wheel
(the extra `serd[tflite-runtime]`: Python 3.11, numpy < 2). Set SERD_RUNTIME to insist on one.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

from serd.errors import ConfigError
from serd.system.stderr import quiet_stderr

RUNTIMES = {"ai-edge-litert": "ai_edge_litert.interpreter", "tflite-runtime": "tflite_runtime.interpreter"}


def _import() -> tuple[str, Any]:
    wanted = os.environ.get("SERD_RUNTIME")
    if wanted and wanted not in RUNTIMES:
        raise ConfigError(f"SERD_RUNTIME={wanted}: unknown; use one of {', '.join(RUNTIMES)}")
    for name in [wanted] if wanted else RUNTIMES:
        try:
            return name, importlib.import_module(RUNTIMES[name]).Interpreter
        except ImportError:
            continue
    raise ConfigError(
        f"no TFLite interpreter ({wanted or ' or '.join(RUNTIMES)}) for this Python and machine; "
        "`pip install ai-edge-litert` (64-bit Linux or macOS; 32-bit ARM has no wheel)"
    )


def make_interpreter(network: bytes, threads: int = 1) -> Any:
    """An interpreter with its tensors allocated. Raises ConfigError; ValueError if the network is unusable."""
    name, interpreter = _import()
    with quiet_stderr:  # XNNPACK announces itself on descriptor 2
        try:
            made = interpreter(model_content=network, num_threads=threads)
            made.allocate_tensors()
        except (AttributeError, ImportError) as error:  # tflite-runtime imports with numpy 2, then fails here
            raise ConfigError(f"{name} does not work with this numpy ({error}); `pip install 'numpy<2'`") from None
        except (RuntimeError, ValueError) as error:  # Flex ops, unknown op versions
            raise ValueError(f"{name} cannot load it ({str(error).splitlines()[0]})") from None
    return made


def runtime() -> str:
    """Name of the runtime in use. Raises ConfigError if there is none."""
    return _import()[0]
