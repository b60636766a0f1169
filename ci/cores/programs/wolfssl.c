/* wolfSSL's wolfCrypt. */
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/random.h>
#include <wolfssl/wolfcrypt/rsa.h>
#include <wolfssl/wolfcrypt/hash.h>

#include "program.h"

static WC_RNG generator;
static RsaKey rsa;
static ecc_key ecc;
static ed25519_key ed25519;
static Aes cipher;
static unsigned char secret[32];
static const char *kind;

static void tell(FILE *to)
{
    if (!strcmp(kind, "rsa")) {
        static unsigned char n[256], e[8], d[256], p[128], q[128];
        word32 ns = sizeof n, es = sizeof e, ds = sizeof d, ps = sizeof p, qs = sizeof q;
        REQUIRE(!wc_RsaExportKey(&rsa, e, &es, n, &ns, d, &ds, p, &ps, q, &qs));
        hex(to, "p", p, ps);
        hex(to, "q", q, qs);
        hex(to, "d", d, ds);
    } else if (!strcmp(kind, "p256")) {
        unsigned char d[32];
        word32 size = sizeof d;
        REQUIRE(!wc_ecc_export_private_only(&ecc, d, &size));
        hex(to, "d", d, size);
    } else if (!strcmp(kind, "ed25519")) {
        unsigned char seed[32];
        word32 size = sizeof seed;
        REQUIRE(!wc_ed25519_export_private_only(&ed25519, seed, &size));
        hex(to, "seed", seed, size);
    } else if (!strcmp(kind, "aes")) {
        hex(to, "key", secret, sizeof secret);
    }
}

int main(int count, char **arguments)
{
    REQUIRE(count == 3 && !wc_InitRng(&generator));
    kind = arguments[1];
    FILE *to = opened(arguments[2]);
    unsigned char bytes[512], more[64];
    word32 size = sizeof bytes, length = sizeof more;
    if (!strcmp(kind, "rsa")) {
        REQUIRE(!wc_InitRsaKey(&rsa, NULL));
        REQUIRE(!wc_MakeRsaKey(&rsa, 2048, 65537, &generator));
        wc_RsaSetRNG(&rsa, &generator);
        REQUIRE(wc_RsaSSL_Sign(message, sizeof message, bytes, sizeof bytes, &rsa, &generator) > 0);
        REQUIRE(!wc_RsaFlattenPublicKey(&rsa, more, &length, bytes, &size));
        hex(to, "n", bytes, size);
        hex(to, "e", more, length);
    } else if (!strcmp(kind, "p256")) {
        REQUIRE(!wc_ecc_init(&ecc));
        REQUIRE(!wc_ecc_make_key_ex(&generator, 32, &ecc, ECC_SECP256R1));
        REQUIRE(!wc_ecc_sign_hash(message, sizeof message, bytes, &size, &generator, &ecc));
        size = sizeof bytes;
        REQUIRE(!wc_ecc_export_x963(&ecc, bytes, &size));
        hex(to, "point", bytes, size);
    } else if (!strcmp(kind, "ed25519")) {
        REQUIRE(!wc_ed25519_init(&ed25519));
        REQUIRE(!wc_ed25519_make_key(&generator, 32, &ed25519));
        REQUIRE(!wc_ed25519_sign_msg(message, sizeof message, bytes, &size, &ed25519));
        REQUIRE(!wc_ed25519_export_public(&ed25519, more, &length));
        hex(to, "ed25519", more, length);
    } else if (!strcmp(kind, "aes")) {
        REQUIRE(!wc_RNG_GenerateBlock(&generator, secret, sizeof secret));
        REQUIRE(!wc_AesInit(&cipher, NULL, INVALID_DEVID));
        REQUIRE(!wc_AesSetKey(&cipher, secret, sizeof secret, zeros, AES_ENCRYPTION));
        REQUIRE(!wc_AesCbcEncrypt(&cipher, bytes, zeros, 16));
        hex(to, "aes", bytes, 16);
    }
    fclose(to);
    wait_for_orders(tell);
    return 0;
}
