"""What clang puts no hook before is told from its own language: texts of two versions of it, nothing is built."""

from __future__ import annotations

import pytest

from redactfuzz.native.compile.unhooked import unhooked_in, with_hooks

HEAD = "@table = internal constant [4 x i32] zeroinitializer\n@key = global [32 x i8] zeroinitializer\n"
TAIL = """
define internal i32 @looks(ptr nocapture noundef readonly %0) #0 {
  ret i32 0
}
declare void @llvm.x86.avx2.maskstore.d.256(ptr, <8 x i32>, <8 x i32>) #1
declare <8 x i32> @llvm.x86.avx2.psrlv.d.256(<8 x i32>, <8 x i32>) #2
declare i64 @llvm.old.pure(i64) #3
declare void @llvm.memset.p0.i64(ptr nocapture writeonly, i8, i64, i1 immarg) #1
attributes #1 = { nounwind memory(argmem: readwrite) }
attributes #2 = { nounwind memory(none) }
attributes #3 = { nounwind readnone }
!4 = !{!"vtable pointer", !5, i64 0}
!6 = !{!4, !4, i64 0}
"""
WRITTEN = (
    "store x86_fp80 %0, ptr @long, align 16",
    "store <8 x i32> %2, <8 x i32>* %3, align 32",
    "call void @__tsan_write4(ptr @x)\n store i32 1, ptr @x, align 4\n store i32 %1, ptr @y, align 4",
    "tail call void @llvm.x86.avx2.maskstore.d.256(ptr %0, <8 x i32> %4, <8 x i32> %4)",
    "call void @llvm.memset.p0.i64(ptr align 1 @key, i8 0, i64 32, i1 false)",
    "%3 = atomicrmw add ptr @x, i32 1 seq_cst, align 4",
)
READ = ("%2 = load <4 x i64>, ptr %0, align 1", "%2 = load i32, ptr @x, align 4")
SEEN = (
    "%2 = call i32 @__tsan_atomic32_load(ptr @x, i32 5)\n %3 = load atomic i32, ptr @x seq_cst, align 4",
    "call void @__tsan_write4(ptr @x)\n store volatile i32 1, ptr @x, align 4",
    "call void @__tsan_write8(i8* %2)\n %3 = bitcast i8* %2 to i64*\n store i64 1, i64* %3, align 8",
    "call void @__tsan_read8(ptr getelementptr inbounds (i8, ptr @key, i64 8)), !dbg !9\n"
    " %2 = load i64, ptr getelementptr inbounds (i8, ptr @key, i64 8), align 8, !dbg !9",
    "%3 = getelementptr inbounds [4 x i32], ptr @table, i64 0, i64 %2\n %4 = load i32, ptr %3, align 4",
    "%3 = getelementptr inbounds [4 x i32], [4 x i32]* @table, i64 0, i64 %2\n %4 = load i32, i32* %3, align 4",
    "%3 = alloca [32 x i8], align 16\n %4 = getelementptr inbounds i8, ptr %3, i64 8\n store i8 1, ptr %4, align 1",
    "%3 = alloca [32 x i8], align 16\n call void @llvm.memset.p0.i64(ptr align 16 %3, i8 0, i64 32, i1 false)",
    "%3 = call <8 x i32> @llvm.x86.avx2.psrlv.d.256(<8 x i32> %1, <8 x i32> %2)\n %4 = call i64 @llvm.old.pure(i64 %2)",
    "call void @llvm.lifetime.start.p0(i64 32, ptr nonnull %3)\n call void @llvm.x86.sse2.pause()",
    "call void @__tsan_vptr_read(ptr %0)\n %3 = load ptr, ptr %0, align 8, !tbaa !6\n"
    " %4 = getelementptr inbounds ptr, ptr %3, i64 2\n %5 = load ptr, ptr %4, align 8",
)
FIELD = "%4 = getelementptr inbounds i8, ptr %3, i64 4\n store i32 1, ptr %4, align 4\n"
GIVEN = (
    "%5 = call i32 @pthread_create(ptr %6, ptr null, ptr @other, ptr %3)",
    "call void @__tsan_write8(ptr @shared)\n store ptr %3, ptr @shared, align 8",
    "%5 = ptrtoint ptr %4 to i64",
    "%5 = phi ptr [ %3, %1 ], [ %0, %2 ]\n call void @gives(ptr %5)",
    'call void asm sideeffect "xchg $0, (%rdi)", "r"(ptr %3)',
)
KEPT = (
    "%5 = call i32 @looks(ptr %3)",
    "%5 = icmp eq ptr %3, null",
    "%5 = call ptr @__tsan_memcpy(ptr %3, ptr @key, i64 32)",
    "call void @by_value(ptr byval(%struct.big) align 8 %3)",
)


def source(body: str, parameters: str = "ptr %0") -> str:
    return f"{HEAD}define void @sign({parameters}) #0 {{\n {body}\n ret void\n}}\n{TAIL}"


def told(body: str, parameters: str = "ptr %0") -> list[str]:
    return list(dict.fromkeys(str(one) for one in unhooked_in(source(body, parameters))))


@pytest.mark.parametrize("body", WRITTEN)
def test_a_store_without_a_hook_is_told_with_its_function(body: str) -> None:
    (one,) = told(body)
    assert "sign" in one
    assert "writes memory without a hook" in one


@pytest.mark.parametrize("body", READ)
def test_a_load_without_a_hook_is_told_with_its_function(body: str) -> None:
    (one,) = told(body)
    assert "sign reads memory without a hook" in one


@pytest.mark.parametrize("body", SEEN)
def test_what_has_a_hook_or_needs_none_is_not_told(body: str) -> None:
    assert not told(body)


@pytest.mark.parametrize("body", GIVEN)
def test_a_local_variable_that_others_know_is_told_where_it_is_used_without_hooks(body: str) -> None:
    used = f"%3 = alloca %struct.job, align 8\n {FIELD} {body}"
    (one,) = told(used)
    assert "a local variable of sign is used without hooks" in one
    whole = with_hooks(source(used))
    assert " call void @__tsan_write4(ptr %4)\n store i32 1, ptr %4, align 4\n" in whole
    assert "declare void @__tsan_write4(ptr)" in whole
    assert not list(unhooked_in(whole))


@pytest.mark.parametrize("body", KEPT)
def test_a_local_variable_that_nobody_else_keeps_is_not_told(body: str) -> None:
    used = f"%3 = alloca %struct.job, align 8\n {FIELD} {body}"
    assert not told(used)
    assert with_hooks(source(used)) == source(used)


def test_a_hook_is_put_in_as_clang_writes_addresses_before_15() -> None:
    used = (
        "%3 = alloca %struct.job, align 8\n %4 = getelementptr inbounds %struct.job, %struct.job* %3, i64 0, i32 1\n"
        " %5 = load i8*, i8** %4, align 8, !dbg !9\n call void @gives(%struct.job* %3)"
    )
    whole = with_hooks(source(used))
    assert (
        " %redactfuzz.0 = bitcast i8** %4 to i8*, !dbg !9\n  call void @__tsan_read8(i8* %redactfuzz.0), !dbg !9\n"
        " %5 = load i8*, i8** %4, align 8, !dbg !9\n"
    ) in whole
    assert "declare void @__tsan_read8(i8*)" in whole
    assert not list(unhooked_in(whole))


@pytest.mark.parametrize(
    ("access", "hook"),
    [
        ("store volatile ptr @key, ptr %4, align 8", "write8(ptr %4)"),
        ("%5 = load double, ptr %4, align 8, !tbaa !6", "read8(ptr %4)"),
        ("store i8 0, ptr %4, align 1", "write1(ptr %4)"),
        ("%5 = load void (i8*, i32)*, void (i8*, i32)** %4, align 8", "read8(i8* %redactfuzz.0)"),
        ('store %"class.std::map"* %7, %"class.std::map"** %4, align 8', "write8(i8* %redactfuzz.0)"),
        ("store i16 ptrtoint (i8* @key to i16), i16* %4, align 2", "write2(i8* %redactfuzz.0)"),
    ],
)
def test_a_hook_has_the_size_of_the_access(access: str, hook: str) -> None:
    field = "%4 = getelementptr %struct.job, ptr %3, i64 0"
    used = f"%3 = alloca %struct.job\n {field}\n {access}\n call void @gives(ptr %3)"
    assert f"call void @__tsan_{hook}" in with_hooks(source(used))


def test_where_a_size_is_not_known_no_hook_is_made_up() -> None:
    used = "%3 = alloca %struct.job, align 8\n store <3 x i32> %1, ptr %3, align 4\n call void @gives(ptr %3)"
    assert with_hooks(source(used)) == source(used)
    assert "a local variable of sign" in told(used)[0]


def test_an_argument_that_was_copied_for_it_is_a_functions_own() -> None:
    assert not told("%2 = load i64, ptr %1, align 8", parameters="ptr %0, ptr noundef byval(%struct.big) align 8 %1")


def test_functions_that_are_compiled_elsewhere_are_left_out() -> None:
    body = "store x86_fp80 %0, ptr @long, align 16"
    text = f"define available_externally void @sign(ptr %0) #0 {{\n {body}\n ret void\n}}\n"
    assert not list(unhooked_in(text))
