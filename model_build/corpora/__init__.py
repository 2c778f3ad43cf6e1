"""Readers of speech corpora, in the layout their publishers ship: one record type, one vocabulary.

from model_build.corpora import CORPORA, inventory
inventory(CORPORA["ravdess-speech"], data).utterances
"""

from model_build.corpora.ased import ASED
from model_build.corpora.asterisk import ASTERISK
from model_build.corpora.corpus import Corpus, Inventory, inventory, sounds
from model_build.corpora.cremad import CREMA_D
from model_build.corpora.emodb import EMO_DB
from model_build.corpora.esc10 import ESC_10
from model_build.corpora.iemocap import IEMOCAP
from model_build.corpora.librispeech import LIBRISPEECH
from model_build.corpora.mycroft import MYCROFT
from model_build.corpora.nemo import NEMO
from model_build.corpora.picovoice import PICOVOICE
from model_build.corpora.ravdess import SONG, SPEECH
from model_build.corpora.savee import SAVEE
from model_build.corpora.tess import TESS
from model_build.corpora.urdu import URDU
from model_build.corpora.utterance import EMOTIONS, Fault, Gender, Utterance

CORPORA: dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        *(SPEECH, SONG, EMO_DB, NEMO, ASED, URDU, SAVEE, TESS, CREMA_D, IEMOCAP),
        *(LIBRISPEECH, PICOVOICE, MYCROFT, ASTERISK, ESC_10),
    )
}

__all__ = [
    "CORPORA",
    "EMOTIONS",
    "Corpus",
    "Fault",
    "Gender",
    "Inventory",
    "Utterance",
    "inventory",
    "sounds",
]
