"""Configuration: from all its layers to settings, and where each value came from.

Later layers override earlier ones: defaults, /etc/serd/serd.toml, the user's serd.toml (XDG), `--config FILE`,
`SERD_*` variables, flags. `serd/config/settings.py` declares the settings themselves.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

from serd.config.file import BRIDGE, named_file, printable, read_file, user_file
from serd.config.schema import Spec
from serd.config.settings import SECTIONS, Settings, known_settings
from serd.config.voice import Voice
from serd.errors import ConfigError, UsageError

__all__ = ["Resolved", "Settings", "load"]

SYSTEM_FILE = Path("/etc/serd/serd.toml")
DEFAULT = "default"
"""Origin of a value that nobody set."""

BRIDGE_VARIABLE = "SERD_BRIDGE_"
"""How variables begin that are bridges' own."""

OTHER_VARIABLES = ("SERD_CONFIG", "SERD_RUNTIME")
"""Variables with a meaning that are no settings: the file to read, the interpreter to insist on."""
TEST_PREFIX = "SERD_TEST_"


@dataclass(frozen=True)
class Resolved:
    """Settings in force, and for each key (`capture.device`) where its value came from."""

    settings: Settings
    origins: Mapping[str, str]

    def values(self) -> Iterator[tuple[str, Any, str]]:
        """(key, value, origin) of every setting, in the order of the sections."""
        for section in fields(self.settings):
            held = getattr(self.settings, section.name)
            named = held if isinstance(held, Mapping) else {f.name: getattr(held, f.name) for f in fields(held)}
            for name, value in named.items():
                key = f"{section.name}.{name}"
                yield key, value, self.origins.get(key, DEFAULT)


class _Given(NamedTuple):
    value: Any
    origin: str
    rank: int


_FLAGS = 4


def load(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    config_file: str | Path | None = None,
    rules: Collection[str] = (),
    system_file: Path = SYSTEM_FILE,
) -> Resolved:
    """Settings from all layers.

    `flags` maps keys (`capture.device`) to values, None meaning not given; `rules` are the names that [decision]
    may hold. Raises ConfigError for files and variables, UsageError for flags.
    """
    specs = known_settings(rules)
    given = gather(
        specs,
        flags,
        environ,
        config_file=config_file,
        system_file=system_file,
        concerns=lambda name: not name.startswith((BRIDGE, BRIDGE_VARIABLE)),
    )
    _settle_source(given)
    _settle_reference(given)
    parts: dict[str, Any] = {name: {} for name in (*SECTIONS, "decision")}
    for key, item in given.items():
        section, _, name = key.partition(".")
        parts[section][name] = item.value
    made = {name: kind(**parts[name]) for name, kind in SECTIONS.items()}
    return Resolved(
        Settings(decision=parts["decision"], **made),
        {key: given[key].origin if key in given else DEFAULT for key in specs},
    )


def gather(
    specs: Mapping[str, Spec],
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    *,
    config_file: str | Path | None,
    system_file: Path,
    concerns: Callable[[str], bool],
) -> dict[str, _Given]:
    """What the layers set of `specs`, by its key; of keys and variables that do not concern us, others are to complain.

    Raises ConfigError for files and variables, UsageError for flags.
    """
    given: dict[str, _Given] = {}
    for rank, path in enumerate((system_file, user_file(environ), named_file(config_file, environ))):
        for key, value in (read_file(path, required=rank == 2) if path else {}).items():
            origin = printable(str(path))
            if not concerns(key):
                continue
            if key not in specs:
                raise ConfigError(f"configuration {origin}: unknown key {printable(key)}; {_suggest(key, specs)}")
            where = f"configuration {origin}: {key}"
            taken = _take(specs[key], where, value)
            if isinstance(value, str) and not isinstance(taken, str):  # TOML has types, text in their place is a slip
                raise ConfigError(f"{where} = {printable(repr(value))}: must be {specs[key].must}, not a string")
            given[key] = _Given(taken, origin, rank)
    by_variable = {spec.variable: key for key, spec in specs.items()}
    for name, text in environ.items():
        if not name.startswith("SERD_") or name.startswith(TEST_PREFIX) or name in OTHER_VARIABLES or not text:
            continue
        if name not in by_variable:
            if not concerns(name):
                continue
            raise ConfigError(f"variable {printable(name)}: unknown; {_suggest(name, by_variable)}")
        key = by_variable[name]
        given[key] = _Given(_take(specs[key], f"variable {name}", text), name, 3)
    for key, value in flags.items():
        if value is None:
            continue
        if key not in specs:
            rule = key.removeprefix("decision.")  # every other flag is known to the parser
            rules = [known.removeprefix("decision.") for known in specs if known.startswith("decision.")]
            raise UsageError(f"--set {printable(rule)}: no rule of the decision; {_suggest(rule, rules)}")
        given[key] = _Given(_take(specs[key], specs[key].flag, value, UsageError), specs[key].flag, _FLAGS)
    return given


def _take(spec: Spec, where: str, value: Any, error: type[ConfigError | UsageError] = ConfigError) -> Any:
    try:
        return spec.read(value)
    except UsageError as fault:  # a home that is not there
        raise error(f"{where}: {fault}") from None
    except (ValueError, TypeError, OverflowError, AttributeError):
        raise error(f"{where} = {printable(repr(value))}: must be {spec.must}") from None


def _settle_source(given: dict[str, _Given]) -> None:
    """Where the sound comes from, and what of it is heard."""
    _settle(given, "capture.device", "capture.input", "a device and an input file")
    if "capture.voices" in given and given["capture.voices"].value:
        _settle(given, "capture.channel", "capture.voices", "one channel and voices, which have one each,")
    voices, source, recording = (given.get(key) for key in ("capture.voices", "publish.source", "capture.input"))
    if voices and source and voices.rank == source.rank == _FLAGS:
        raise UsageError("--voice and --source: each voice's name is its source; leave --source out")
    if voices and recording and any(Voice.parse(one).device for one in voices.value):
        error = UsageError if voices.rank == _FLAGS else ConfigError
        raise error(f"{voices.origin}: @DEVICE belongs to devices, and the input is a recording; leave it out")
    for name in ("rate", "channels", "format"):
        raw = given.get(f"capture.{name}")
        if raw and raw.rank == _FLAGS and ("capture.input" not in given or given["capture.input"].value != "-"):
            raise UsageError(f"--{name}: only raw samples need to be told; it goes with --input -")
    fast = given.get("capture.fast")
    if fast and fast.value and fast.rank == _FLAGS and "capture.input" not in given:
        raise UsageError("--fast: only a recording can go faster than it sounds; add --input FILE or --demo")


def _settle_reference(given: dict[str, _Given]) -> None:
    """Somebody's reference and none exclude each other."""
    if "model.no_reference" in given and given["model.no_reference"].value:
        _settle(given, "model.person", "model.no_reference", "a person's reference and none")


def _settle(given: dict[str, _Given], one: str, other: str, what: str) -> None:
    """Of two that exclude each other the one of the stronger layer stays; in one layer it is a contradiction."""
    first, second = given.get(one), given.get(other)
    if first is None or second is None:
        return
    if first.rank == second.rank:
        error = UsageError if first.rank == _FLAGS else ConfigError
        both = " and ".join(dict.fromkeys((first.origin, second.origin)))
        raise error(f"{both}: {what} exclude each other; give one of them")
    del given[one if first.rank < second.rank else other]


def _suggest(name: str, known: Collection[str]) -> str:
    """ "did you mean ...?", also for a key that stands in the wrong section."""
    name = name[:64]
    leaves = {key.rpartition(".")[2]: key for key in known}
    leaf = name.rpartition(".")[2]
    close = [leaves[leaf]] if leaf in leaves else difflib.get_close_matches(name, known, 1, 0.7)
    close = close or [leaves[match] for match in difflib.get_close_matches(leaf, leaves, 1, 0.6)]
    return f"did you mean {close[0]}?" if close else "`serd config` prints all there are"
