/* OpenSSL: EVP keys. */
#include "program.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

static EVP_PKEY *key;
static EVP_CIPHER_CTX *cipher;
static unsigned char secret[32];

static void number(FILE *to, const char *name, const char *parameter)
{
    BIGNUM *value = NULL;
    unsigned char bytes[512];
    REQUIRE(EVP_PKEY_get_bn_param(key, parameter, &value));
    hex(to, name, bytes, (size_t)BN_bn2bin(value, bytes));
    BN_free(value);
}

static void tell_rsa(FILE *to)
{
    number(to, "p", OSSL_PKEY_PARAM_RSA_FACTOR1);
    number(to, "q", OSSL_PKEY_PARAM_RSA_FACTOR2);
    number(to, "d", OSSL_PKEY_PARAM_RSA_D);
}

static void tell_p256(FILE *to) { number(to, "d", OSSL_PKEY_PARAM_PRIV_KEY); }

static void tell_ed25519(FILE *to)
{
    unsigned char seed[32];
    size_t size = sizeof seed;
    REQUIRE(EVP_PKEY_get_raw_private_key(key, seed, &size));
    hex(to, "seed", seed, size);
}

static void tell_aes(FILE *to) { hex(to, "key", secret, sizeof secret); }

static void tell_none(FILE *to) { (void)to; }

static void sign(const EVP_MD *digest)
{
    unsigned char signature[512];
    size_t size = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    REQUIRE(EVP_DigestSignInit(context, NULL, digest, NULL, key) > 0);
    REQUIRE(EVP_DigestSign(context, signature, &size, message, sizeof message) > 0);
    EVP_MD_CTX_free(context);
}

int main(int count, char **arguments)
{
    REQUIRE(count == 3);
    const char *kind = arguments[1];
    FILE *to = opened(arguments[2]);
    void (*tell)(FILE *) = tell_none;
    if (!strcmp(kind, "rsa")) {
        key = EVP_RSA_gen(2048);
        REQUIRE(key);
        sign(EVP_sha256());
        number(to, "n", OSSL_PKEY_PARAM_RSA_N);
        number(to, "e", OSSL_PKEY_PARAM_RSA_E);
        tell = tell_rsa;
    } else if (!strcmp(kind, "p256")) {
        key = EVP_EC_gen("P-256");
        REQUIRE(key);
        sign(EVP_sha256());
        number(to, "x", OSSL_PKEY_PARAM_EC_PUB_X);
        number(to, "y", OSSL_PKEY_PARAM_EC_PUB_Y);
        tell = tell_p256;
    } else if (!strcmp(kind, "ed25519")) {
        unsigned char public_key[32];
        size_t size = sizeof public_key;
        key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        REQUIRE(key);
        sign(NULL);
        REQUIRE(EVP_PKEY_get_raw_public_key(key, public_key, &size));
        hex(to, "ed25519", public_key, size);
        tell = tell_ed25519;
    } else if (!strcmp(kind, "aes")) {
        unsigned char block[16];
        int size;
        REQUIRE(RAND_bytes(secret, sizeof secret) > 0);
        cipher = EVP_CIPHER_CTX_new();
        REQUIRE(EVP_EncryptInit_ex(cipher, EVP_aes_256_ecb(), NULL, secret, NULL));
        REQUIRE(EVP_EncryptUpdate(cipher, block, &size, zeros, 16));
        hex(to, "aes", block, 16);
        tell = tell_aes;
    }
    fclose(to);
    wait_for_orders(tell);
    return 0;
}
