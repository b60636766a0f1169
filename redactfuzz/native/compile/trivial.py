"""Models that say no more than their row of the table, as C."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from redactfuzz.native.compile.table import LibraryFunction, Treated, groups, variants

NAME = "trivial.c"
_HEAD = """\
/* Made from native/libc by native/compile/trivial.py. */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <sys/types.h>
#include <wchar.h>
"""
_OURS = (
    "memory/memory.h",
    "memory/touched.h",
    "models/process/refused.h",
    "models/strings/bytes.h",
    "schedule/point.h",
)


def source() -> str:
    """A file of the runtime with the models of all rows that need no code by hand."""
    passed = [group for group in groups() if group.treated is Treated.PASSES]
    headers = dict.fromkeys(header for group in passed for header in group.functions)
    includes = [*(f"#include <{header}>" for header in headers), "", *(f'#include "{header}"' for header in _OURS)]
    return "\n".join([_HEAD + "\n".join(includes), *_models()]) + "\n"


def link_flags() -> list[str]:
    """By which a model has other names as well."""
    return [f"-Wl,--defsym=model_{variant}=model_{name}" for variant, name in variants()]


def _models() -> Iterator[str]:
    for group in groups():
        for one in group:
            match group.treated:
                case Treated.PASSES:
                    yield _passes(one)
                case Treated.GIVES:
                    yield _model(
                        f"{_result(one)}{one.name}(void)", one.name, [f"return {one.gives};"] if one.gives else []
                    )
                case Treated.FAILS | Treated.STARTS_NOTHING:
                    yield _refuses(one, group.treated)


def _passes(one: LibraryFunction) -> str:
    """libc's own, with a read where it reads and a mark where it writes. In parentheses: its macro is not meant."""
    head, _, parameters = one.declaration.partition(f"{one.name}(")
    names = [parameter.rpartition(" ")[2].lstrip("*") for parameter in parameters.rstrip(")").split(",")]
    return _model(
        f"{head}{one.name}({parameters}",
        one.name,
        [
            *(f"rfn_at_read({_name(place)}, {_announced(place)}, SITE());" for place in one.reads),
            *(f"rfn_uses(RF_READ, {_name(place)}, {_count_certain(place, names)}, SITE());" for place in one.reads),
            *(_if_there(place, f"rfn_touched(RF_READ, {_name(place)}, {_size(place)});") for place in one.reads),
            *(_if_there(place, f"rfn_wrote({_name(place)}, {_size(place)});") for place in one.writes),
            f"return ({one.name})({', '.join(names)});",
        ],
    )


def _refuses(one: LibraryFunction, treated: Treated) -> str:
    """Arguments do not matter, and are not declared: an older libc may not know their types."""
    result = _result(one)
    pointer = result.rstrip().endswith("*")
    if treated is Treated.STARTS_NOTHING:
        call = f'rfn_starts_nothing(SITE(), "{one.name}")'
    else:
        call = f'rfn_fails{"_always" if pointer else ""}(SITE(), "{one.name}")'
    given = one.gives or ("NULL" if pointer else "")
    return _model(
        f"{'void *' if pointer else result}{one.name}(void)",
        one.name,
        [f"{call};", f"return {given};"] if given else [f"return ({result.strip()}){call};"],
    )


def _model(declaration: str, name: str, body: list[str]) -> str:
    head = declaration.replace(f"{name}(", f"model_{name}(", 1)
    return "\n".join(["", head, "{", *(f"    {line}" for line in body), "}"])


def _result(one: LibraryFunction) -> str:
    return one.declaration.partition(f"{one.name}(")[0]


def _name(place: str) -> str:
    return place.rstrip("?").partition("[")[0]


def _size(place: str) -> str:
    _, bounded, size = place.rstrip("?").removesuffix("]").partition("[")
    if bounded and not size:
        return f"strlen({_name(place)}) + 1"
    if size.startswith("<"):
        length = f"strnlen({_name(place)}, {size[1:]})"
        return f"({length} < {size[1:]} ? {length} + 1 : {size[1:]})"
    return size or f"sizeof *{_name(place)}"


def _announced(place: str) -> str:
    """Of text the beginning: how long it is may change until the step is made."""
    size = place.rstrip("?").removesuffix("]").partition("[")[2]
    if "[" in place and (not size or size.startswith("<")):
        return "1" if not size else f"{size[1:]} > 0"
    return _size(place)


def _count_certain(place: str, names: Sequence[str]) -> str:
    """Return, as C, how many bytes are read in any case: one, or all of a text that only its zero ends."""
    return _size(place) if len(names) == 1 else f"!!({_announced(place)})"


def _if_there(place: str, statement: str) -> str:
    return f"if ({_name(place)} != NULL) {{ {statement} }}" if place.endswith("?") else statement
