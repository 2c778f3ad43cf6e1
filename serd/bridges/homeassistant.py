"""Home Assistant's discovery of a serd: one device with its entities, told in one retained message.

The form is that of MQTT device discovery (Home Assistant 2024.11 and later), in its abbreviated names.
"""

from __future__ import annotations

from typing import Any, get_args

from serd.bridges.topics import ENDED, Topics
from serd.events.reading import DeviceState, StatusEvent

EXPIRE_S = 90
"""Entities without news for so long are shown as unavailable."""


def discovery(topics: Topics, bridge: str, status: StatusEvent, *, activation: bool) -> dict[str, Any]:
    """The device of one source. `bridge` is the topic of the bridge's own availability.

    No template can return None, which would reset an entity to unknown: the bridge's payloads hold each field.
    """
    name = f"serd_{status.source}"
    heard = [{"t": bridge}, {"t": topics.availability}, {"t": topics.hearing}]

    def of_state(platform: str, key: str, title: str, template: str, **more: Any) -> dict[str, Any]:
        usual = {"p": platform, "uniq_id": f"{name}_{key}", "name": title, "stat_t": topics.state}
        return {**usual, "val_tpl": template, "avty": heard, "avty_mode": "all", "exp_aft": EXPIRE_S, **more}

    share = {"unit_of_meas": "%", "stat_cla": "measurement", "sug_dsp_prc": 0}
    entities = {
        "emotion": of_state(
            "sensor", "emotion", "Emotion", "{{ value_json.emotion }}",
            dev_cla="enum", ops=[*status.labels, "uncertain", "no-speech"], ic="mdi:account-voice",
        ),
        "confidence": of_state(
            "sensor", "confidence", "Confidence", "{{ (value_json.confidence * 100) | round(1) }}",
            ic="mdi:percent", **share,
        ),
        "speech": of_state("binary_sensor", "speech", "Speech", "{{ value_json.speech }}", dev_cla="sound"),
        "level": of_state(
            "sensor", "level", "Level", "{{ value_json.level }}",
            unit_of_meas="dBFS", stat_cla="measurement", sug_dsp_prc=0, ic="mdi:volume-high", en=False,
        ),
        "daemon": {
            "p": "sensor", "uniq_id": f"{name}_daemon", "name": "State", "dev_cla": "enum", "ent_cat": "diagnostic",
            "ops": list(get_args(DeviceState)), "stat_t": topics.status, "val_tpl": "{{ value_json.state }}",
        },
        "microphone": {
            "p": "switch", "uniq_id": f"{name}_microphone", "name": "Microphone", "stat_t": topics.status,
            "val_tpl": "{{ 'OFF' if value_json.state == 'muted' else 'ON' }}", "cmd_t": topics.microphone,
            "ic": "mdi:microphone",
        },
        "segment": {
            "p": "event", "uniq_id": f"{name}_segment", "name": "Segment", "stat_t": topics.segment,
            "evt_typ": [*status.labels, ENDED],
        },
    }  # fmt: skip
    if activation:
        entities["activation"] = of_state(
            "sensor", "activation", "Activation", "{{ (value_json.activation * 100) | round(1) }}",
            ic="mdi:pulse", **share,
        )  # fmt: skip
    return {
        "dev": {
            "ids": [name],
            "name": f"serd {status.source}",
            "mf": "serd",
            "mdl": status.model,
            "sw": status.version,
        },
        "o": {"name": "serd", "sw": status.version},
        "avty": [{"t": bridge}, {"t": topics.availability}],
        "avty_mode": "all",
        "cmps": entities,
    }
