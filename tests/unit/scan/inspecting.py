"""An inspection of one dump, with canaries of one seed."""



from redactfuzz.model.canary import mint
from redactfuzz.model.outcome import Dump
from redactfuzz.scan import Inspector
from redactfuzz.threads.restore.freeze import frozen

SEED = 17


def plant(number=3, **kinds):
    return {name: mint(SEED, name, kind, number) for name, kind in kinds.items()}


def inspect(data, canaries, witnesses=None, number=3, allowed=()):
    return Inspector(SEED)([Dump("d", frozen(data), frozenset(allowed))], canaries, witnesses or {}, number)
