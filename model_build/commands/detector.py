"""`python -m model_build detector`: train the speech detector, choose its thresholds, measure it."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from model_build.detector.baselines import OTHERS
from model_build.detector.data import TEST_FOLD
from model_build.detector.network import RUNS, SHIPPED, make_detector
from model_build.files import cache
from serd.inference.contract import read_model, write_model
from serd.inference.decision import Rules
from serd.inference.model import load as load_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `python -m model_build detector`."""
    parser.add_argument("what", choices=("train", "thresholds", "evaluate"), help="what to do")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder that holds the corpora")
    parser.add_argument("--run", choices=(*RUNS, "all"), default="all", help="train: which of the cross-fit")
    parser.add_argument("--hours", type=float, default=12.0, help="train: hours of scenes")
    parser.add_argument("--epochs", type=int, default=5, help="train: fixed beforehand, nothing is chosen on the way")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--clips", type=int, default=60, help="clips of each corpus to measure on")
    parser.add_argument("--candidates", nargs="+", choices=("ours", *OTHERS), default=["ours"], help="evaluate: which")
    parser.add_argument("--made", type=float, default=3600, metavar="S", help="evaluate: seconds of each steady sound")


def run(args: argparse.Namespace) -> int:
    """Do what the flags ask for; the exit code. Raises UsageError, ConfigError."""
    if args.what == "train":
        for name in RUNS if args.run == "all" else (args.run,):
            make_detector(RUNS[name], args.data, args.hours, args.epochs, args.seed)
        return 0
    from model_build.detector import tables as report
    from model_build.detector.baselines import Network, competitor

    sounds = report.Sounds(args.data, args.clips)
    if args.what == "thresholds":
        rules = report.thresholds(sounds, Network("ours", load_model(str(RUNS["inner"].path()), "speech")))
        print(report.stated_thresholds(rules))
        for one in (one for one in RUNS.values() if one.path().exists()):
            network_bytes, contract = read_model(one.path())
            with cache.replacing(one.path()) as written:
                write_model(written, network_bytes, replace(contract, thresholds=report.stated_thresholds(rules)))
        return 0
    for name in args.candidates:
        if name == "ours":
            there = [one for one in RUNS.values() if not one.inner and one.path().exists()]
            models = {one.folds[0]: load_model(str(one.path()), "speech") for one in there}
            shipped = models[TEST_FOLD]
            rules = Rules.make(shipped.contract.thresholds)
            figures = report.measure_detector(sounds, Network(name, shipped), rules, models, args.made)
            figures["segments"] = report.emotion_segments(sounds, models, rules, "thesis-cnn")
            figures["sha256"] = shipped.contract.sha256
        else:
            candidate = competitor(name)
            suited = report.thresholds(sounds, candidate, report.OTHERS_GAINS_DB)
            figures = report.measure_detector(sounds, candidate, suited, {}, args.made)
        _keep(name, figures)
    return 0


def _keep(name: str, figures: dict[str, Any]) -> None:
    """Put a candidate's figures into the file beside the model."""
    place = SHIPPED.with_suffix(".metrics.json")
    kept = json.loads(place.read_text()) if place.exists() else {}
    with cache.replacing(place) as written:
        written.write_text(json.dumps({**kept, name: figures}, separators=(",", ":"), sort_keys=True) + "\n")
