/* Mbed TLS. It has no Ed25519. */
#include "program.h"

#include <mbedtls/aes.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/entropy.h>
#include <mbedtls/rsa.h>

static mbedtls_rsa_context rsa;
static mbedtls_ecdsa_context ecdsa;
static mbedtls_aes_context aes;
static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context generator;
static unsigned char secret[32];
static const char *kind;

static void number(FILE *to, const char *name, const mbedtls_mpi *value)
{
    unsigned char bytes[512];
    size_t size = mbedtls_mpi_size(value);
    REQUIRE(!mbedtls_mpi_write_binary(value, bytes, size));
    hex(to, name, bytes, size);
}

static void tell(FILE *to)
{
    mbedtls_mpi n, p, q, d, e;
    mbedtls_mpi_init(&n), mbedtls_mpi_init(&p), mbedtls_mpi_init(&q), mbedtls_mpi_init(&d), mbedtls_mpi_init(&e);
    if (!strcmp(kind, "rsa")) {
        REQUIRE(!mbedtls_rsa_export(&rsa, &n, &p, &q, &d, &e));
        number(to, "p", &p);
        number(to, "q", &q);
        number(to, "d", &d);
    } else if (!strcmp(kind, "p256")) {
        number(to, "d", &ecdsa.MBEDTLS_PRIVATE(d));
    } else if (!strcmp(kind, "aes")) {
        hex(to, "key", secret, sizeof secret);
    }
}

int main(int count, char **arguments)
{
    REQUIRE(count == 3);
    kind = arguments[1];
    FILE *to = opened(arguments[2]);
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&generator);
    REQUIRE(!mbedtls_ctr_drbg_seed(&generator, mbedtls_entropy_func, &entropy, NULL, 0));
    unsigned char bytes[512];
    size_t size;
    if (!strcmp(kind, "rsa")) {
        mbedtls_mpi n, e;
        mbedtls_mpi_init(&n), mbedtls_mpi_init(&e);
        mbedtls_rsa_init(&rsa);
        REQUIRE(!mbedtls_rsa_gen_key(&rsa, mbedtls_ctr_drbg_random, &generator, 2048, 65537));
        REQUIRE(!mbedtls_rsa_pkcs1_sign(&rsa, mbedtls_ctr_drbg_random, &generator, MBEDTLS_MD_SHA256, 32, message, bytes));
        REQUIRE(!mbedtls_rsa_export(&rsa, &n, NULL, NULL, NULL, &e));
        number(to, "n", &n);
        number(to, "e", &e);
    } else if (!strcmp(kind, "p256")) {
        mbedtls_ecdsa_init(&ecdsa);
        REQUIRE(!mbedtls_ecdsa_genkey(&ecdsa, MBEDTLS_ECP_DP_SECP256R1, mbedtls_ctr_drbg_random, &generator));
        REQUIRE(!mbedtls_ecdsa_write_signature(&ecdsa, MBEDTLS_MD_SHA256, message, 32, bytes, sizeof bytes, &size,
                                               mbedtls_ctr_drbg_random, &generator));
        REQUIRE(!mbedtls_ecp_point_write_binary(&ecdsa.MBEDTLS_PRIVATE(grp), &ecdsa.MBEDTLS_PRIVATE(Q),
                                                MBEDTLS_ECP_PF_UNCOMPRESSED, &size, bytes, sizeof bytes));
        hex(to, "point", bytes, size);
    } else if (!strcmp(kind, "aes")) {
        mbedtls_aes_init(&aes);
        REQUIRE(!mbedtls_ctr_drbg_random(&generator, secret, sizeof secret));
        REQUIRE(!mbedtls_aes_setkey_enc(&aes, secret, 256));
        REQUIRE(!mbedtls_aes_crypt_ecb(&aes, MBEDTLS_AES_ENCRYPT, zeros, bytes));
        hex(to, "aes", bytes, 16);
    }
    fclose(to);
    wait_for_orders(tell);
    return 0;
}
