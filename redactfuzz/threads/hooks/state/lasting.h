/* Numbers that are the same in each execution, whatever the values of its secrets are, and where objects lie. */
#ifndef RFH_LASTING_H
#define RFH_LASTING_H

#include <Python.h>
#include <stdint.h>

/* Vigna's splitmix64: each bit of the result follows from each bit of the hash. */
static inline uint64_t rfh_mixed(uint64_t hash)
{
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
    return hash ^ (hash >> 31);
}

/* Of what hashes by its address, of a text or of bytes that hold a secret in a plain form, and of a tuple of such things. 0 for anything else,
 * of which the hash is the same in each execution. Two objects that nothing tells apart have one number. */
uint64_t rfh_lasting(PyObject *item);

/* The same of an object's class alone: its attributes may change. */
uint64_t rfh_lasting_class(PyObject *item);

/* The execution has other secrets from now on: their forms are asked for when they are needed. */
void rfh_forget_forms(void);

#endif
