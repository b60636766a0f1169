/* Libgcrypt: keys are S-expressions. */
#include "program.h"

#include <gcrypt.h>

static gcry_sexp_t key;
static gcry_cipher_hd_t cipher;
static unsigned char secret[32];
static const char *kind;

static void member(FILE *to, const char *name, const char *token)
{
    gcry_sexp_t found = gcry_sexp_find_token(key, token, 0);
    size_t size;
    REQUIRE(found);
    const char *bytes = gcry_sexp_nth_data(found, 1, &size);
    REQUIRE(bytes);
    hex(to, name, (const unsigned char *)bytes, size);
    gcry_sexp_release(found);
}

static void tell(FILE *to)
{
    if (!strcmp(kind, "rsa")) {
        member(to, "p", "p");
        member(to, "q", "q");
        member(to, "d", "d");
    } else if (!strcmp(kind, "p256")) {
        member(to, "d", "d");
    } else if (!strcmp(kind, "ed25519")) {
        member(to, "seed", "d");
    } else if (!strcmp(kind, "aes")) {
        hex(to, "key", secret, sizeof secret);
    }
}

static void make(const char *wanted, const char *data)
{
    gcry_sexp_t parameters, signed_data, signature;
    REQUIRE(!gcry_sexp_build(&parameters, NULL, wanted));
    REQUIRE(!gcry_pk_genkey(&key, parameters));
    REQUIRE(!gcry_sexp_build(&signed_data, NULL, data, (int)sizeof message, message));
    REQUIRE(!gcry_pk_sign(&signature, signed_data, key));
    gcry_sexp_release(parameters);
    gcry_sexp_release(signed_data);
    gcry_sexp_release(signature);
}

int main(int count, char **arguments)
{
    REQUIRE(count == 3 && gcry_check_version(NULL));
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    kind = arguments[1];
    FILE *to = opened(arguments[2]);
    if (!strcmp(kind, "rsa")) {
        make("(genkey (rsa (nbits 4:2048)))", "(data (flags pkcs1) (hash sha256 %b))");
        member(to, "n", "n");
        member(to, "e", "e");
    } else if (!strcmp(kind, "p256")) {
        make("(genkey (ecc (curve \"NIST P-256\")))", "(data (flags raw) (value %b))");
        member(to, "point", "q");
    } else if (!strcmp(kind, "ed25519")) {
        make("(genkey (ecc (curve Ed25519) (flags eddsa)))", "(data (flags eddsa) (hash-algo sha512) (value %b))");
        member(to, "ed25519", "q");
    } else if (!strcmp(kind, "aes")) {
        unsigned char block[16];
        gcry_randomize(secret, sizeof secret, GCRY_STRONG_RANDOM);
        REQUIRE(!gcry_cipher_open(&cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_ECB, 0));
        REQUIRE(!gcry_cipher_setkey(cipher, secret, sizeof secret));
        REQUIRE(!gcry_cipher_encrypt(cipher, block, 16, zeros, 16));
        hex(to, "aes", block, 16);
    }
    fclose(to);
    wait_for_orders(tell);
    return 0;
}
