// Crypto++.
#include "program.h"

#include <cryptopp/aes.h>
#include <cryptopp/eccrypto.h>
#include <cryptopp/modes.h>
#include <cryptopp/oids.h>
#include <cryptopp/osrng.h>
#include <cryptopp/rsa.h>
#include <cryptopp/xed25519.h>

#include <memory>
#include <string>
#include <vector>

using Curve = CryptoPP::ECDSA<CryptoPP::ECP, CryptoPP::SHA256>;

static CryptoPP::AutoSeededRandomPool generator;
static std::unique_ptr<CryptoPP::RSA::PrivateKey> rsa;
static std::unique_ptr<Curve::PrivateKey> ecdsa;
static std::unique_ptr<CryptoPP::ed25519Signer> ed25519;
static std::unique_ptr<CryptoPP::ECB_Mode<CryptoPP::AES>::Encryption> cipher;
static unsigned char secret[32];

static void number(FILE *to, const char *name, const CryptoPP::Integer &value)
{
    std::vector<unsigned char> bytes(value.MinEncodedSize());
    value.Encode(bytes.data(), bytes.size());
    hex(to, name, bytes.data(), bytes.size());
}

static void sign(const CryptoPP::PK_Signer &signer)
{
    std::vector<unsigned char> signature(signer.MaxSignatureLength());
    signer.SignMessage(generator, message, sizeof message, signature.data());
}

static const CryptoPP::ed25519PrivateKey &edwards()
{
    return dynamic_cast<const CryptoPP::ed25519PrivateKey &>(ed25519->GetPrivateKey());
}

static void tell(FILE *to)
{
    if (rsa) {
        number(to, "p", rsa->GetPrime1());
        number(to, "q", rsa->GetPrime2());
        number(to, "d", rsa->GetPrivateExponent());
    } else if (ecdsa) {
        number(to, "d", ecdsa->GetPrivateExponent());
    } else if (ed25519) {
        hex(to, "seed", edwards().GetPrivateKeyBytePtr(), 32);
    } else if (cipher) {
        hex(to, "key", secret, sizeof secret);
    }
}

int main(int count, char **arguments)
{
    REQUIRE(count == 3);
    const std::string kind = arguments[1];
    FILE *to = opened(arguments[2]);
    if (kind == "rsa") {
        rsa = std::make_unique<CryptoPP::RSA::PrivateKey>();
        rsa->GenerateRandomWithKeySize(generator, 2048);
        sign(CryptoPP::RSASS<CryptoPP::PKCS1v15, CryptoPP::SHA256>::Signer(*rsa));
        number(to, "n", rsa->GetModulus());
        number(to, "e", rsa->GetPublicExponent());
    } else if (kind == "p256") {
        Curve::PublicKey half;
        ecdsa = std::make_unique<Curve::PrivateKey>();
        ecdsa->Initialize(generator, CryptoPP::ASN1::secp256r1());
        sign(Curve::Signer(*ecdsa));
        ecdsa->MakePublicKey(half);
        number(to, "x", half.GetPublicElement().x);
        number(to, "y", half.GetPublicElement().y);
    } else if (kind == "ed25519") {
        ed25519 = std::make_unique<CryptoPP::ed25519Signer>();
        ed25519->AccessPrivateKey().GenerateRandom(generator, CryptoPP::g_nullNameValuePairs);
        sign(*ed25519);
        hex(to, "ed25519", edwards().GetPublicKeyBytePtr(), 32);
    } else if (kind == "aes") {
        unsigned char block[16];
        generator.GenerateBlock(secret, sizeof secret);
        cipher = std::make_unique<CryptoPP::ECB_Mode<CryptoPP::AES>::Encryption>(secret, sizeof secret);
        cipher->ProcessData(block, zeros, 16);
        hex(to, "aes", block, 16);
    }
    fclose(to);
    wait_for_orders(tell);
    return 0;
}
