/* GnuTLS: abstract private keys; its numbers are Nettle's, of GMP. */
#include "program.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

static gnutls_privkey_t key;
static gnutls_cipher_hd_t cipher;
static unsigned char secret[32];
static const char *kind;

static void datum(FILE *to, const char *name, gnutls_datum_t *value)
{
    hex(to, name, value->data, value->size);
    gnutls_free(value->data);
}

static void tell(FILE *to)
{
    gnutls_datum_t m, e, d, p, q, u, x, y, k;
    gnutls_ecc_curve_t curve;
    if (!strcmp(kind, "rsa")) {
        REQUIRE(gnutls_privkey_export_rsa_raw(key, &m, &e, &d, &p, &q, &u, NULL, NULL) == 0);
        datum(to, "d", &d);
        datum(to, "p", &p);
        datum(to, "q", &q);
    } else if (!strcmp(kind, "aes")) {
        hex(to, "key", secret, sizeof secret);
    } else if (strcmp(kind, "none")) {
        REQUIRE(gnutls_privkey_export_ecc_raw2(key, &curve, &x, &y, &k, GNUTLS_EXPORT_FLAG_NO_LZ) == 0);
        datum(to, strcmp(kind, "p256") ? "seed" : "d", &k);
    }
}

static void write_public(FILE *to)
{
    gnutls_pubkey_t public_key;
    gnutls_datum_t one, two;
    gnutls_ecc_curve_t curve;
    gnutls_pubkey_init(&public_key);
    REQUIRE(gnutls_pubkey_import_privkey(public_key, key, 0, 0) == 0);
    if (!strcmp(kind, "rsa")) {
        REQUIRE(gnutls_pubkey_export_rsa_raw(public_key, &one, &two) == 0);
        datum(to, "n", &one);
        datum(to, "e", &two);
    } else {
        REQUIRE(gnutls_pubkey_export_ecc_raw2(public_key, &curve, &one, &two, GNUTLS_EXPORT_FLAG_NO_LZ) == 0);
        datum(to, strcmp(kind, "p256") ? "ed25519" : "x", &one);
        if (!strcmp(kind, "p256"))
            datum(to, "y", &two);
    }
    gnutls_pubkey_deinit(public_key);
}

static void make(gnutls_pk_algorithm_t algorithm, unsigned bits, gnutls_digest_algorithm_t digest)
{
    gnutls_datum_t data = {(unsigned char *)message, sizeof message}, signature;
    REQUIRE(gnutls_privkey_init(&key) == 0);
    REQUIRE(gnutls_privkey_generate(key, algorithm, bits, 0) == 0);
    REQUIRE(gnutls_privkey_sign_data(key, digest, 0, &data, &signature) == 0);
    gnutls_free(signature.data);
}

int main(int count, char **arguments)
{
    REQUIRE(count == 3 && gnutls_global_init() == 0);
    kind = arguments[1];
    FILE *to = opened(arguments[2]);
    if (!strcmp(kind, "rsa"))
        make(GNUTLS_PK_RSA, 2048, GNUTLS_DIG_SHA256);
    else if (!strcmp(kind, "p256"))
        make(GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), GNUTLS_DIG_SHA256);
    else if (!strcmp(kind, "ed25519"))
        make(GNUTLS_PK_EDDSA_ED25519, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519), GNUTLS_DIG_SHA512);
    if (!strcmp(kind, "aes")) {
        unsigned char block[16], begin[16] = {0};
        gnutls_datum_t name = {secret, sizeof secret}, start = {begin, sizeof begin};
        REQUIRE(gnutls_rnd(GNUTLS_RND_KEY, secret, sizeof secret) == 0);
        REQUIRE(gnutls_cipher_init(&cipher, GNUTLS_CIPHER_AES_256_CBC, &name, &start) == 0);
        REQUIRE(gnutls_cipher_encrypt2(cipher, zeros, 16, block, 16) == 0);
        hex(to, "aes", block, 16);
    } else if (strcmp(kind, "none")) {
        write_public(to);
    }
    fclose(to);
    wait_for_orders(tell);
    return 0;
}
