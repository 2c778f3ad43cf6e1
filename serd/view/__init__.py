"""The live view, a subscriber: events become a `view`, a `scene`, a `picture`, and that a `screen`.

`words` what a frame tells besides its state; `timeline` what was when; `layout` where what stands; `charts`, `glyphs`
and `palette` bars, large letters and colours; `svg` a picture for a page; `legend` what the signs mean; `summary` the
line after the last picture.
"""
