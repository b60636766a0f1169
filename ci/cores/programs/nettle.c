/* Nettle and Hogweed: numbers of GMP, keys as structures of the caller. */
#include "program.h"

#include <gmp.h>
#include <nettle/aes.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>
#include <nettle/eddsa.h>
#include <nettle/rsa.h>
#include <sys/random.h>

static struct rsa_public_key rsa_public;
static struct rsa_private_key rsa_private;
static struct ecc_scalar scalar;
static struct aes256_ctx cipher;
static unsigned char secret[32];
static const char *kind;

static void draw(void *context, size_t size, uint8_t *to)
{
    (void)context;
    REQUIRE(getrandom(to, size, 0) == (ssize_t)size);
}

static void number(FILE *to, const char *name, const mpz_t value)
{
    char *text = mpz_get_str(NULL, 16, value);
    fprintf(to, "%s %s\n", name, text);
    free(text);
}

static void tell(FILE *to)
{
    if (!strcmp(kind, "rsa")) {
        number(to, "p", rsa_private.p);
        number(to, "q", rsa_private.q);
        number(to, "d", rsa_private.d);
    } else if (!strcmp(kind, "p256")) {
        mpz_t value;
        mpz_init(value);
        ecc_scalar_get(&scalar, value);
        number(to, "d", value);
    } else if (strcmp(kind, "none")) {
        hex(to, strcmp(kind, "aes") ? "seed" : "key", secret, 32);
    }
}

static void make_p256(FILE *to)
{
    struct ecc_point point;
    struct dsa_signature signature;
    mpz_t x, y;
    mpz_init(x), mpz_init(y);
    ecc_point_init(&point, nettle_get_secp_256r1());
    ecc_scalar_init(&scalar, nettle_get_secp_256r1());
    dsa_signature_init(&signature);
    ecdsa_generate_keypair(&point, &scalar, NULL, draw);
    ecdsa_sign(&scalar, NULL, draw, sizeof message, message, &signature);
    ecc_point_get(&point, x, y);
    number(to, "x", x);
    number(to, "y", y);
}

int main(int count, char **arguments)
{
    REQUIRE(count == 3);
    kind = arguments[1];
    FILE *to = opened(arguments[2]);
    if (!strcmp(kind, "rsa")) {
        mpz_t signature;
        struct sha256_ctx digest;
        mpz_init(signature);
        rsa_public_key_init(&rsa_public), rsa_private_key_init(&rsa_private);
        mpz_set_ui(rsa_public.e, 65537);
        REQUIRE(rsa_generate_keypair(&rsa_public, &rsa_private, NULL, draw, NULL, NULL, 2048, 0));
        sha256_init(&digest);
        sha256_update(&digest, sizeof message, message);
        REQUIRE(rsa_sha256_sign_tr(&rsa_public, &rsa_private, NULL, draw, &digest, signature));
        number(to, "n", rsa_public.n);
        number(to, "e", rsa_public.e);
    } else if (!strcmp(kind, "p256")) {
        make_p256(to);
    } else if (!strcmp(kind, "ed25519")) {
        unsigned char public_key[32], signature[64];
        draw(NULL, 32, secret);
        ed25519_sha512_public_key(public_key, secret);
        ed25519_sha512_sign(public_key, secret, sizeof message, message, signature);
        hex(to, "ed25519", public_key, 32);
    } else if (!strcmp(kind, "aes")) {
        unsigned char block[16];
        draw(NULL, 32, secret);
        aes256_set_encrypt_key(&cipher, secret);
        aes256_encrypt(&cipher, 16, block, zeros);
        hex(to, "aes", block, 16);
    }
    fclose(to);
    wait_for_orders(tell);
    return 0;
}
