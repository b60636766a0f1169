#include "code/meanings.h"

#include <opcode.h>

#if PY_VERSION_HEX >= 0x030f0000
#define Py_BUILD_CORE 1
#include <internal/pycore_opcode_utils.h>
#undef Py_BUILD_CORE
#endif

#include "code/codes.h"

/* PURE: moves values on the operand stack or works on constants; no other thread and no dump can see it, so that
 * stopping before it is the same as stopping after it. Everything that is not listed is a READ. */
#define PURE(X) \
    X(CACHE) X(NOP) X(POP_TOP) X(PUSH_NULL) X(COPY) X(SWAP) X(RESUME) X(EXTENDED_ARG) X(LOAD_CONST) X(LOAD_FAST) \
    X(JUMP_FORWARD) X(MAKE_CELL) X(COPY_FREE_VARS) X(PUSH_EXC_INFO) X(POP_EXCEPT) X(RERAISE) X(IS_OP) \
    X(BUILD_TUPLE) X(BUILD_LIST) X(BUILD_STRING) X(BUILD_SLICE) X(LIST_APPEND) X(MAKE_FUNCTION) X(LOAD_BUILD_CLASS) \
    X(GET_AWAITABLE) X(RETURN_GENERATOR) X(CHECK_EXC_MATCH)

#define CALLS(X) X(CALL_FUNCTION_EX) X(WITH_EXCEPT_START) X(IMPORT_NAME)

#define WRITES(X) X(STORE_ATTR) X(STORE_GLOBAL) X(STORE_NAME) X(STORE_DEREF) X(STORE_SUBSCR) X(DELETE_ATTR) \
    X(DELETE_GLOBAL) X(DELETE_NAME) X(DELETE_DEREF) X(DELETE_SUBSCR)

#define LOCAL_WRITES(X) X(STORE_FAST) X(DELETE_FAST)

rfh_meaning rfh_meanings[256];

#define IS_PURE(op) rfh_meanings[op] = (rfh_meaning){0, 0};
#define IS_CALL(op) rfh_meanings[op] = (rfh_meaning){RFH_CALL | RFH_EFFECT, RF_RMW};
#define IS_BACKWARD(op) rfh_meanings[op] = (rfh_meaning){RFH_BACKWARD | RFH_EFFECT, RF_READ};
#define IS_WRITE(op) rfh_meanings[op] = (rfh_meaning){RFH_EFFECT, RF_WRITE};
#define IS_LOCAL_WRITE(op) rfh_meanings[op] = (rfh_meaning){RFH_EFFECT | RFH_LOCAL, RF_WRITE};
#define IS_RETURN(op) rfh_meanings[op] = (rfh_meaning){RFH_RETURN | RFH_EFFECT | RFH_LOCAL, RF_WRITE};

void rfh_meanings_init(void)
{
    for (int op = 0; op < 256; op++)
        rfh_meanings[op] = (rfh_meaning){RFH_EFFECT, RF_READ};
    PURE(IS_PURE)
    CALLS(IS_CALL)
    WRITES(IS_WRITE)
    LOCAL_WRITES(IS_LOCAL_WRITE)
    IS_BACKWARD(JUMP_BACKWARD)
    IS_RETURN(RETURN_VALUE)
    IS_RETURN(YIELD_VALUE)
#ifdef PRECALL /* 3.11: PRECALL is where a call begins, CALL only goes on with it */
    IS_CALL(PRECALL)
    IS_PURE(CALL)
#else
    IS_CALL(CALL)
#endif
#ifdef BEFORE_WITH /* to 3.13 */
    IS_CALL(BEFORE_WITH)
#endif
#ifdef LOAD_ASSERTION_ERROR /* to 3.13 */
    IS_PURE(LOAD_ASSERTION_ERROR)
#endif
#ifdef KW_NAMES
    IS_PURE(KW_NAMES)
#endif
#ifdef CALL_KW
    IS_CALL(CALL_KW)
#endif
#if defined(LOAD_CLOSURE) && LOAD_CLOSURE < 256 /* to 3.12; later versions have the name, and no such instruction */
    IS_PURE(LOAD_CLOSURE)
#endif
#ifdef END_FOR
    IS_PURE(END_FOR)
#endif
#ifdef END_SEND
    IS_PURE(END_SEND)
#endif
#ifdef LOAD_FAST_CHECK
    IS_PURE(LOAD_FAST_CHECK)
#endif
#ifdef LOAD_FAST_AND_CLEAR
    IS_PURE(LOAD_FAST_AND_CLEAR)
#endif
#ifdef LOAD_FAST_LOAD_FAST
    IS_PURE(LOAD_FAST_LOAD_FAST)
#endif
#ifdef LOAD_FAST_BORROW /* 3.14 */
    IS_PURE(LOAD_FAST_BORROW)
    IS_PURE(LOAD_FAST_BORROW_LOAD_FAST_BORROW)
    IS_PURE(LOAD_SMALL_INT)
    IS_PURE(LOAD_COMMON_CONSTANT)
    IS_PURE(NOT_TAKEN)
    IS_PURE(POP_ITER)
    IS_PURE(BUILD_INTERPOLATION)
    IS_PURE(BUILD_TEMPLATE)
#endif
#ifdef STORE_FAST_LOAD_FAST
    IS_LOCAL_WRITE(STORE_FAST_LOAD_FAST)
#endif
#ifdef STORE_FAST_STORE_FAST
    IS_LOCAL_WRITE(STORE_FAST_STORE_FAST)
#endif
#ifdef STORE_SLICE
    IS_WRITE(STORE_SLICE)
#endif
#ifdef SET_FUNCTION_ATTRIBUTE
    IS_PURE(SET_FUNCTION_ATTRIBUTE)
#endif
#ifdef TO_BOOL /* 3.13: TO_BOOL reads, the jump after it sees True or False */
    IS_PURE(POP_JUMP_IF_TRUE)
    IS_PURE(POP_JUMP_IF_FALSE)
#endif
#ifdef POP_JUMP_IF_NONE
    IS_PURE(POP_JUMP_IF_NONE)
    IS_PURE(POP_JUMP_IF_NOT_NONE)
#endif
#ifdef POP_JUMP_FORWARD_IF_NONE
    IS_PURE(POP_JUMP_FORWARD_IF_NONE)
    IS_PURE(POP_JUMP_FORWARD_IF_NOT_NONE)
    IS_BACKWARD(POP_JUMP_BACKWARD_IF_NONE)
    IS_BACKWARD(POP_JUMP_BACKWARD_IF_NOT_NONE)
    IS_BACKWARD(POP_JUMP_BACKWARD_IF_TRUE)
    IS_BACKWARD(POP_JUMP_BACKWARD_IF_FALSE)
#endif
#ifdef LOAD_LOCALS
    IS_PURE(LOAD_LOCALS)
#endif
#ifdef JUMP_BACKWARD_NO_INTERRUPT
    IS_PURE(JUMP_BACKWARD_NO_INTERRUPT)
#endif
#ifdef RETURN_CONST
    IS_RETURN(RETURN_CONST)
#endif
}

int rfh_is_subscript(int op, int arg)
{
#ifdef NB_SUBSCR /* 3.14: one of the binary operators */
    if (op == BINARY_OP)
        return arg == NB_SUBSCR;
#else
    if (op == BINARY_SUBSCR)
        return 1;
#endif
    return op == STORE_SUBSCR || op == DELETE_SUBSCR || op == CONTAINS_OP;
}

int rfh_is_in_place(int op, int arg) { return op == BINARY_OP && arg >= NB_INPLACE_ADD && arg <= NB_INPLACE_XOR; }

static int loads_none(PyCodeObject *code, int op, int arg)
{
#ifdef CONSTANT_NONE /* 3.15 */
    if (op == LOAD_COMMON_CONSTANT)
        return arg == CONSTANT_NONE;
#endif
    return op == LOAD_CONST && PyTuple_GET_ITEM(code->co_consts, arg) == Py_None;
}

/* A `with` block ends by loading None three times and calling what it saved. */
static int calls_with_none(PyCodeObject *code, const uint8_t *units, Py_ssize_t index)
{
    for (Py_ssize_t i = index - 3; i < index; i++)
        if (i < 0 || !loads_none(code, units[2 * i], units[2 * i + 1]))
            return 0;
    return 1;
}

#ifdef BEFORE_WITH

int rfh_enters_with_block(int op, int last_op) { return op == BEFORE_WITH; }

int rfh_leaves_with_block(PyCodeObject *code, const uint8_t *units, Py_ssize_t index, int arg)
{
    return arg == 2 && calls_with_none(code, units, index); /* the first None lies where `self` would */
}

#else

int rfh_enters_with_block(int op, int last_op) { return op == CALL && last_op == LOAD_SPECIAL; }

/* Before the arguments of any other call of its like, what it calls is loaded; no statement ends so. */
int rfh_leaves_with_block(PyCodeObject *code, const uint8_t *units, Py_ssize_t index, int arg)
{
    if (arg != 3 || !calls_with_none(code, units, index))
        return 0;
    Py_ssize_t before = index - 4;
    while (before > 0 && units[2 * before] == CACHE)
        before--;
    if (before < 0)
        return 0;
    int op = units[2 * before], loads_two = units[2 * before + 1] & 1;
    return op != PUSH_NULL && !(loads_two && (op == LOAD_GLOBAL || op == LOAD_ATTR || op == LOAD_SUPER_ATTR));
}

#endif

int rfh_switches_after(int op, int flags)
{
#ifdef PRECALL
    return op == CALL || op == CALL_FUNCTION_EX;
#else
    return (flags & RFH_CALL) && op != IMPORT_NAME && op != WITH_EXCEPT_START && !(flags & RFH_WITH && op != CALL);
#endif
}

#ifdef RESUME_AT_GEN_EXPR_START

int rfh_only_makes(int op, int arg) { return op == RESUME && (arg & RESUME_OPARG_LOCATION_MASK) == RESUME_AT_GEN_EXPR_START; }

/* 3.15: the generator expression asks for the iterator itself, and its call is made with what it goes through in the place of
 * `self`. It is distinguished from other calls by the place of the call: the function is made and called at one place in the source. */
int rfh_runs_generator(PyCodeObject *code, const uint8_t *units, Py_ssize_t index, int last_op)
{
    int line, column, end_line, end_column, called[4];
    for (Py_ssize_t i = index - 1; i >= 0; i--) {
        if (units[2 * i] != LOAD_CONST)
            continue;
        int arg = units[2 * i + 1] | (i > 0 && units[2 * i - 2] == EXTENDED_ARG ? units[2 * i - 1] << 8 : 0);
        PyObject *made = PyTuple_GET_ITEM(code->co_consts, arg);
        if (!PyCode_Check(made) || !PyUnicode_EqualToUTF8(((PyCodeObject *)made)->co_name, "<genexpr>"))
            continue;
        if (!PyCode_Addr2Location(code, (int)index * 2, &called[0], &called[1], &called[2], &called[3])
            || !PyCode_Addr2Location(code, (int)i * 2, &line, &column, &end_line, &end_column))
            continue;
        if (line == called[0] && column == called[1] && end_line == called[2] && end_column == called[3])
            return 1;
    }
    return 0;
}

#else

int rfh_only_makes(int op, int arg) { return 0; }

int rfh_runs_generator(PyCodeObject *code, const uint8_t *units, Py_ssize_t index, int last_op) { return last_op == GET_ITER; }

#endif
