// Botan 2.
#include "program.h"

#include <botan/auto_rng.h>
#include <botan/block_cipher.h>
#include <botan/ecdsa.h>
#include <botan/ed25519.h>
#include <botan/pubkey.h>
#include <botan/rsa.h>

#include <memory>
#include <string>

static Botan::AutoSeeded_RNG generator;
static std::unique_ptr<Botan::RSA_PrivateKey> rsa;
static std::unique_ptr<Botan::ECDSA_PrivateKey> ecdsa;
static std::unique_ptr<Botan::Ed25519_PrivateKey> ed25519;
static std::unique_ptr<Botan::BlockCipher> cipher;
static Botan::secure_vector<uint8_t> secret;

static void number(FILE *to, const char *name, const Botan::BigInt &value)
{
    const auto bytes = Botan::BigInt::encode(value);
    hex(to, name, bytes.data(), bytes.size());
}

static void sign(const Botan::Private_Key &key, const char *scheme)
{
    Botan::PK_Signer signer(key, generator, scheme);
    signer.sign_message(message, sizeof message, generator);
}

static void tell(FILE *to)
{
    if (rsa) {
        number(to, "p", rsa->get_p());
        number(to, "q", rsa->get_q());
        number(to, "d", rsa->get_d());
    } else if (ecdsa) {
        number(to, "d", ecdsa->private_value());
    } else if (ed25519) {
        hex(to, "seed", ed25519->get_private_key().data(), 32);
    } else if (cipher) {
        hex(to, "key", secret.data(), secret.size());
    }
}

int main(int count, char **arguments)
{
    REQUIRE(count == 3);
    const std::string kind = arguments[1];
    FILE *to = opened(arguments[2]);
    if (kind == "rsa") {
        rsa = std::make_unique<Botan::RSA_PrivateKey>(generator, 2048);
        sign(*rsa, "EMSA3(SHA-256)");
        number(to, "n", rsa->get_n());
        number(to, "e", rsa->get_e());
    } else if (kind == "p256") {
        ecdsa = std::make_unique<Botan::ECDSA_PrivateKey>(generator, Botan::EC_Group("secp256r1"));
        sign(*ecdsa, "EMSA1(SHA-256)");
        number(to, "x", ecdsa->public_point().get_affine_x());
        number(to, "y", ecdsa->public_point().get_affine_y());
    } else if (kind == "ed25519") {
        ed25519 = std::make_unique<Botan::Ed25519_PrivateKey>(generator);
        sign(*ed25519, "Pure");
        hex(to, "ed25519", ed25519->get_public_key().data(), 32);
    } else if (kind == "aes") {
        unsigned char block[16];
        generator.random_vec(secret, 32);
        cipher = Botan::BlockCipher::create_or_throw("AES-256");
        cipher->set_key(secret);
        cipher->encrypt(zeros, block);
        hex(to, "aes", block, 16);
    }
    fclose(to);
    wait_for_orders(tell);
    return 0;
}
