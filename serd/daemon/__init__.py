"""What lives for months.

`daemon` the loop; `assembly` its parts, built from settings; `supervisor` the device's states; `stats` what has come
in and what judging it takes; `control` the control socket; `mute` the flag that is kept.
"""
