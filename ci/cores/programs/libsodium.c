/* Libsodium: Ed25519, and AES-256-GCM where the processor has AES. It has no RSA and no P-256. */
#include "program.h"

#include <sodium.h>

static unsigned char *pair, *secret;
static crypto_aead_aes256gcm_state *cipher;
static const char *kind;

static void tell(FILE *to)
{
    if (!strcmp(kind, "ed25519"))
        hex(to, "seed", pair, 32);
    else if (!strcmp(kind, "aes"))
        hex(to, "key", secret, 32);
}

int main(int count, char **arguments)
{
    REQUIRE(count == 3 && sodium_init() >= 0);
    kind = arguments[1];
    FILE *to = opened(arguments[2]);
    if (!strcmp(kind, "ed25519")) {
        unsigned char public_key[32], signature[64];
        pair = (unsigned char *)malloc(crypto_sign_SECRETKEYBYTES);
        REQUIRE(pair && !crypto_sign_keypair(public_key, pair));
        REQUIRE(!crypto_sign_detached(signature, NULL, message, sizeof message, pair));
        hex(to, "ed25519", public_key, 32);
    } else if (!strcmp(kind, "aes")) {
        unsigned char sealed[32], nonce[12] = {0};
        REQUIRE(crypto_aead_aes256gcm_is_available());
        secret = (unsigned char *)malloc(32);
        cipher = (crypto_aead_aes256gcm_state *)aligned_alloc(64, (sizeof *cipher + 63) / 64 * 64);
        crypto_aead_aes256gcm_keygen(secret);
        REQUIRE(!crypto_aead_aes256gcm_beforenm(cipher, secret));
        REQUIRE(!crypto_aead_aes256gcm_encrypt_afternm(sealed, NULL, zeros, 16, NULL, 0, NULL, nonce, cipher));
        hex(to, "gcm", sealed, 32);
    }
    fclose(to);
    wait_for_orders(tell);
    return 0;
}
