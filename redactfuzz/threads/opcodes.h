/* The meaning of each opcode, by name, since the numbers differ between versions.
 *
 * PURE: moves values on the operand stack or works on constants; no other thread and no dump can see it, so that
 * stopping before it is the same as stopping after it. Everything that is not listed is a READ. Opcodes that only
 * some versions have are told apart in codes.c.
 */
#ifndef RFH_OPCODES_H
#define RFH_OPCODES_H

#define RFH_PURE(X) \
    X(CACHE) X(NOP) X(POP_TOP) X(PUSH_NULL) X(COPY) X(SWAP) X(RESUME) X(EXTENDED_ARG) X(LOAD_CONST) X(LOAD_FAST) \
    X(JUMP_FORWARD) X(MAKE_CELL) X(COPY_FREE_VARS) X(PUSH_EXC_INFO) X(POP_EXCEPT) X(RERAISE) X(IS_OP) \
    X(BUILD_TUPLE) X(BUILD_LIST) X(BUILD_STRING) X(BUILD_SLICE) X(LIST_APPEND) X(MAKE_FUNCTION) X(LOAD_BUILD_CLASS) \
    X(GET_AWAITABLE) X(RETURN_GENERATOR) X(CHECK_EXC_MATCH) X(LOAD_ASSERTION_ERROR)

#define RFH_CALLS(X) X(CALL_FUNCTION_EX) X(BEFORE_WITH) X(WITH_EXCEPT_START) X(IMPORT_NAME)

#define RFH_BACKWARDS(X) X(JUMP_BACKWARD)

#define RFH_WRITES(X) X(STORE_ATTR) X(STORE_GLOBAL) X(STORE_NAME) X(STORE_DEREF) X(STORE_SUBSCR) X(DELETE_ATTR) \
    X(DELETE_GLOBAL) X(DELETE_NAME) X(DELETE_DEREF) X(DELETE_SUBSCR)

#define RFH_LOCAL_WRITES(X) X(STORE_FAST) X(DELETE_FAST)

#endif
