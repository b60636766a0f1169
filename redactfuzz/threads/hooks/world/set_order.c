#include "world/set_order.h"

#include <stdlib.h>
#include <string.h>

#include "code/codes.h"
#include "state/execution.h"
#include "state/lasting.h"
#include "world/sets.h"

/* Fraction is a class in Python; its hash is that of its value. */
static int is_fraction(PyTypeObject *type)
{
    PyObject *module = strcmp(type->tp_name, "Fraction") == 0 ? PyObject_GetAttrString((PyObject *)type, "__module__") : NULL;
    int is = module && PyUnicode_Check(module) && PyUnicode_CompareWithASCIIString(module, "fractions") == 0;
    Py_XDECREF(module);
    PyErr_Clear();
    return is;
}

/* A number that hashes as its value. What can be made one of, by __float__, hashes as its class says; and no NaN is another's equal: it
 * hashes by its address. */
static int is_number(PyObject *item)
{
    PyTypeObject *type = Py_TYPE(item);
    if (PyFloat_Check(item) && PyFloat_AS_DOUBLE(item) != PyFloat_AS_DOUBLE(item))
        return 0;
    return type->tp_hash == PyLong_Type.tp_hash || type->tp_hash == PyFloat_Type.tp_hash || type->tp_hash == PyComplex_Type.tp_hash
        || strcmp(type->tp_name, "decimal.Decimal") == 0 || is_fraction(type)
        || (PY_VERSION_HEX >= 0x030c0000 && item == Py_None);
}

/* Its hash is a number of ours (order.py), as that of threads and futures. */
static int is_numbered(PyObject *item)
{
    if (!PyType_HasFeature(Py_TYPE(item), Py_TPFLAGS_HEAPTYPE))
        return 0;
    PyObject *function = PyObject_GetAttrString((PyObject *)Py_TYPE(item), "__hash__");
    const rfh_code *table = function && PyFunction_Check(function) ? rfh_code_of(PyFunction_GET_CODE(function)) : NULL;
    Py_XDECREF(function);
    PyErr_Clear(); /* there is no such attribute, or no memory */
    return table && table->ours;
}

/* The place in a table is used, and what was there has not been taken out. */
static int is_there(const setentry *each) { return each->key != NULL && each->hash != -1; }

int rfh_hashes_anew(PyObject *item)
{
    int found = 0;
    if (PyTuple_CheckExact(item)) {
        for (Py_ssize_t i = 0; !found && i < PyTuple_GET_SIZE(item); i++)
            found = rfh_hashes_anew(PyTuple_GET_ITEM(item, i));
        return found;
    }
    if (PyFrozenSet_CheckExact(item)) {
        const PySetObject *of = (const PySetObject *)item;
        for (Py_ssize_t i = 0; !found && i <= of->mask; i++)
            found = is_there(&of->table[i]) && rfh_hashes_anew(of->table[i].key);
        return found;
    }
    return !is_number(item) && !is_numbered(item);
}

/* Each execution has another order of each set, by its number. */
static int is_drawn(void) { return rfh.turned == RFH_SETS_DRAWN; }

typedef struct entry {
    PyObject *item;
    uint64_t hash;
    uint64_t key; /* what its order follows from, which is the same whatever the secrets are, and where objects lie */
    uint64_t name; /* the same in another process of this hash seed */
    size_t slot; /* that a set of this size has for it */
    Py_ssize_t at; /* where it comes when the set is gone through */
} entry;

/* A set of up to four has a table of eight, unless it was larger before: then it has another order than one of the same that was not. */
enum { SMALL = 4, SMALL_MASK = 7 };

/* The items of a set in its order. New reference, or NULL with an exception set. */
static PyObject *items_of(PyObject *set)
{
    const PySetObject *of = (const PySetObject *)set;
    PyObject *list = PyList_New(of->used);
    for (Py_ssize_t i = 0, count = 0; list && i <= of->mask && count < of->used; i++) {
        if (is_there(&of->table[i]))
            PyList_SET_ITEM(list, count++, Py_NewRef(of->table[i].key));
    }
    return list;
}

/* The same with what their order follows from, and as much room behind them; NULL: there is no memory. */
static entry *entries_of(PyObject *set)
{
    const PySetObject *of = (const PySetObject *)set;
    entry *entries = PyMem_Calloc(2 * (size_t)of->used, sizeof *entries), *each = entries;
    for (Py_ssize_t i = 0; entries && i <= of->mask && each < entries + of->used; i++) {
        if (!is_there(&of->table[i]))
            continue;
        PyObject *item = of->table[i].key;
        uint64_t lasting = rfh_lasting(item), hash = (uint64_t)of->table[i].hash, key = lasting ? lasting : hash;
        uint64_t name = lasting ? rfh_lasting_class(item) : hash;
        key = is_drawn() ? rfh_mixed(key + rfh_mixed(rfh.number)) : key;
        *each = (entry){item, hash, key, name, (size_t)(key & (uint64_t)of->mask), each - entries};
        each++;
    }
    return entries;
}

static int by_slot(const void *first, const void *second)
{
    const entry *a = first, *b = second;
    if (a->slot != b->slot)
        return a->slot < b->slot ? -1 : 1;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* The bit of what is in a set, whatever its order is, and of how large its table is, if it was larger. */
static unsigned bit_of(const entry *entries, Py_ssize_t count, size_t mask)
{
    uint64_t table = count <= SMALL && mask > SMALL_MASK ? rfh_mixed(mask) : 0;
    uint64_t contents = (uint64_t)count + table, name = contents;
    for (Py_ssize_t i = 0; i < count; i++) {
        contents += rfh_mixed(entries[i].hash);
        name += rfh_mixed(entries[i].name);
    }
    unsigned bit = (unsigned)(name % RFH_SET_BITS);
    contents += contents == 0;
    if (rfh.contents[bit] != 0 && rfh.contents[bit] != contents)
        rfh.sets |= RFH_SETS_ALIKE;
    rfh.contents[bit] = contents;
    return bit;
}

/* The order that follows from what is in the set alone: by the slots in its table, as in a set in which no two have the same. Of more than two
 * what hashes anew is so sorted, and the rest stays where it is. Whether anything was moved. */
static int sort(PyObject *items, entry *entries, Py_ssize_t count)
{
    Py_ssize_t kept = 0;
    entry *places = entries + count;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (count == 2 || rfh_hashes_anew(entries[i].item)) {
            places[kept].at = i;
            entries[kept++] = entries[i];
        }
    }
    qsort(entries, (size_t)kept, sizeof *entries, by_slot);
    int moved = 0;
    for (Py_ssize_t i = 0; i < kept; i++) {
        moved |= PyList_GET_ITEM(items, places[i].at) != entries[i].item;
        PyList_SET_ITEM(items, places[i].at, entries[i].item);
    }
    return moved;
}

/* Those that hash anew change places with one another: the first with the last, and so on. One alone goes to the other end. */
static void turn_round(PyObject *items)
{
    Py_ssize_t size = PyList_GET_SIZE(items), low = 0, high = size - 1;
    int exchanged = 0;
    for (; low < high; low++, high--) {
        while (low < high && !rfh_hashes_anew(PyList_GET_ITEM(items, low)))
            low++;
        while (low < high && !rfh_hashes_anew(PyList_GET_ITEM(items, high)))
            high--;
        if (low == high)
            break;
        PyObject *first = PyList_GET_ITEM(items, low);
        PyList_SET_ITEM(items, low, PyList_GET_ITEM(items, high));
        PyList_SET_ITEM(items, high, first);
        exchanged = 1;
    }
    if (exchanged)
        return;
    PyObject *alone = PyList_GET_ITEM(items, low); /* where both have met */
    int to_the_end = 2 * low < size;
    for (; to_the_end ? low + 1 < size : low > 0; low += to_the_end ? 1 : -1)
        PyList_SET_ITEM(items, low, PyList_GET_ITEM(items, to_the_end ? low + 1 : low - 1));
    PyList_SET_ITEM(items, low, alone);
}

static int has_several_orders(PyObject *items)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        if (rfh_hashes_anew(PyList_GET_ITEM(items, i)))
            return 1;
    }
    return 0;
}

PyObject *rfh_set_in_order(PyObject *set)
{
    Py_ssize_t size = PySet_GET_SIZE(set);
    PyObject *items = items_of(set);
    entry *entries = items && has_several_orders(items) ? entries_of(set) : NULL;
    int other = 0;
    if (entries) {
        unsigned bit = bit_of(entries, size, (size_t)((const PySetObject *)set)->mask);
        int turned = !is_drawn() && (rfh.turned >> bit & 1);
        rfh.orders |= 1u << bit | (size > 2 ? RFH_ORDERS_OF_MORE : 0);
        rfh.sets |= size > 2 ? RFH_SETS_OF_MORE : 0;
        other = sort(items, entries, size) | turned;
        if (turned)
            turn_round(items);
    }
    PyErr_Clear(); /* there is no memory */
    PyMem_Free(entries);
    if (!other)
        Py_CLEAR(items);
    return items;
}
