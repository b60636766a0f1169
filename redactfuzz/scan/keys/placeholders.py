"""What stands in the place of a key: words, running digits, the same letters again and again.

A text is written down twice: as chance makes it, each letter of its alphabet as likely as any other, and as people make
it. Where the second takes so many bits less, it is none of chance: of random letters one text in 2^BITS is so at most,
whatever the alphabet, since no code is shorter for more than that (Kraft's inequality).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

BITS = 20
"""How many bits shorter what stands for a key is written: a random key is taken for that once in a million, at most."""
_LONGEST = 96
"""Letters that are looked at."""
_PIECE = re.compile(rb"[A-Za-z0-9_+=-]+")
_ALPHABETS = (
    (re.compile(r"[0-9a-f]*|[0-9A-F]*"), 4.0),
    (re.compile(r"[A-Z2-7]*|[a-z2-7]*"), 5.0),
    (re.compile(r"[a-z0-9]*|[A-Z0-9]*"), math.log2(36)),
    (re.compile(r"[A-Za-z]*"), math.log2(52)),
    (re.compile(r"[A-Za-z0-9]*"), math.log2(62)),
)
"""The bits of a letter of each; of others six."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_COSTS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TABLE = (
    "decdeefgdmjeefgcmdadgiglnnZ",
    "qfcepmgqftjadbrfs9c9ijllisg",
    "bhgjbklnbgo9kkcjpddjcqnpfnb",
    "arhlbmpbfwcdkm8lrdibforsjxc",
    "dllh8kmqaqpgnmdmrhfjfnprmt5",
    "enebihjrmuqfgbnhk9adpjkflt8",
    "dnjhdblq8trdlmaltcgeepoqjr9",
    "foll7niedrsfjegnvcejgnpsoo6",
    "8nlk7mpobtmjjl9msfjdiqprkq8",
    "ghdefheuqtpde6chufcbsgwjzhh",
    "cigi9hkjflfhjlbjljdkamgjij8",
    "fkii7kikbppfnhijpibijnhqmr6",
    "bmlg7lqp9uobomakuoffgnrves9",
    "8foj7nppbrnjfmbauofjgrsvlva",
    "cpdbbgaoesjjnjekrncaijpunu9",
    "khedoiiqjtjdd8fdz9eedielqsd",
    "9nkk9jniexobonbeq9fdgpmtgta",
    "ljiiikmjlmmimkklfgfj4mkqkm7",
    "bngh7lirbwkkgibkwgceilnuhx8",
    "hpfmaonfcwkjmngfnoe9ermuju5",
    "coil8lrc9xqilndjuceghomrhq8",
    "fdfidihrftpbd8jcsbbaosrpuoh",
    "8lkn4klmatrllmgkqkjlnkmonoa",
    "9miibknc9pmindckocdknpllro9",
    "fjdhbgmicoohjmiaokh9kklfin7",
    "ljikglnphsphgejbricdokkpmm4",
    "dlhj5imkbkljijejnjijlllojg8",
)
"""Bits of a letter behind another, in thirds, as numbers of ``_COSTS``: rows for none before it and for a to z, columns
for a to z and for the end of the word. Counted in our documents and in the names of Python's own library.
"""
_BEHIND = {
    before: {letter: _COSTS.index(row[at]) / 3 for at, letter in enumerate(_LETTERS + "$")}
    for before, row in zip("^" + _LETTERS, _TABLE, strict=True)
}
_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        your mine here this that goes with from only test tests demo dummy fake mock sample example examples
        placeholder replace replaced redacted removed masked hidden filtered filter scrubbed sanitized
        obfuscated censored omitted changeme change insert enter paste fill todo fixme none null undefined
        unknown empty default value values string text secret secrets private public personal access token
        tokens password passphrase passwd credential credentials auth client server service account project user
        admin organization team company name number ident api key keys live prod production staging development
        local temp foo bar baz lorem ipsum hello world real actual valid invalid right wrong long enough bytes
        bits characters encoded symmetric signature signing webhook session bearer refresh model models auto
        automodel sequence question answering classification conditional generation pipeline transformers
        tokenizer language image for put use the and not one two
        """,
    )
)
"""What is said of a key that is not there, and what names of programs are made of."""
_LETTER, _OTHER = 0.2, 4.2
"""Bits that say: a letter by chance; a word, or a run."""
_LETTER_BEHIND, _WORD_BEHIND, _JOINED_BEHIND, _RUN_BEHIND = 2.3, 1.0, 3.3, 3.5
"""The same behind a word, where another is likely, with one of two signs between them or without."""
_CASE = math.log2(3)
"""A word is written small, with a capital, or in capitals."""
_KNOWN, _SPELLED = 1 + math.log2(len(_WORDS)), 1.0
_FEWEST, _DEAR = 3, 12.0
"""Letters of a word, and bits that it may take more than chance before nobody follows it."""
_SAME, _RUNS, _STOPS, _GOES_ON = 4, 2.0, 3.8, 0.11
"""Bits that say how far back it was the same; which run it is; that it stops, and that it does not."""
_FURTHEST, _LEAST = 1 << _SAME, 4
"""Letters back at most, and letters of a run at least."""
_NEXT = tuple(
    {row[at - 1]: row[at] for row in rows for at in range(len(row))}
    for rows in (("0123456789", _LETTERS, _LETTERS.upper()), ("0123456789abcdef",), ("0123456789ABCDEF",))
)
"""What follows a letter where they run."""


def stands_for_a_key(text: bytes) -> bool:
    """Whether the longest word of a text that has the form of a key is no key."""
    piece = max(_PIECE.findall(text), key=len, default=b"")[:_LONGEST].decode()
    chance = next((bits for alphabet, bits in _ALPHABETS if alphabet.fullmatch(piece)), 6.0)
    return len(piece) * chance - _written(piece, chance) >= BITS


def _written(text: str, chance: float) -> float:
    """The bits that it takes as people make it. ``chance``: those of a letter that is by chance."""
    # By how many letters are written: the fewest bits, where a word does not end there, and where one does.
    apart, words = ([math.inf] * (len(text) + 1) for _ in range(2))
    apart[0] = 0.0
    for at in range(len(text)):
        apart[at + 1] = min(apart[at + 1], min(apart[at] + _LETTER, words[at] + _LETTER_BEHIND) + chance)
        word = min(apart[at] + _OTHER, words[at] + _WORD_BEHIND)
        if at and text[at - 1] in "_-":
            word = min(word, words[at - 1] + _JOINED_BEHIND)
        for end, bits in _words(text, at, chance):
            words[end] = min(words[end], word + bits)
        run = min(apart[at] + _OTHER, words[at] + _RUN_BEHIND) + _RUNS + _STOPS
        for end, bits in _runs(text, at):
            apart[end] = min(apart[end], run + bits)
    return min(apart[-1], words[-1])


def _words(text: str, at: int, chance: float) -> Iterator[tuple[int, float]]:
    """Where each word ends that may begin at a place, and its bits."""
    for follows in (str.islower, str.isupper):
        before, bits, end = "^", _CASE + _SPELLED, at
        if text[at].islower() and follows is str.isupper:
            return
        while end < len(text) and text[end].isalpha() and (end == at or follows(text[end])):
            letter = text[end].lower()
            bits += _BEHIND[before][letter]
            before, end = letter, end + 1
            if bits > (end - at) * chance + _DEAR:
                break
            if end - at >= _FEWEST:
                known = _CASE + _KNOWN if text[at:end].lower() in _WORDS else math.inf
                yield end, min(bits + _BEHIND[before]["$"], known)


def _runs(text: str, at: int) -> Iterator[tuple[int, float]]:
    """Where each run ends that goes on at a place, and what it takes to say which it is, and how long."""
    if not at:
        return
    for following in _NEXT:
        end = at
        while end < len(text) and following.get(text[end - 1]) == text[end]:
            end += 1
        if end - at >= _LEAST:
            yield end, _GOES_ON * (end - at)
    back = at - text.rfind(text[at : at + _LEAST], max(0, at - _FURTHEST), at + _LEAST - 1)
    if len(text) - at >= _LEAST and 0 < back <= _FURTHEST:
        end = at
        while end < len(text) and text[end] == text[end - back]:
            end += 1
        if end - at >= _LEAST:
            yield end, _SAME + _GOES_ON * (end - at)
