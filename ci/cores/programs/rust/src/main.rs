// Rust: the crates rsa, p256, ed25519-dalek and aes. The protocol is that of program.h.
use std::fs;
use std::io::BufRead;

use aes::cipher::{generic_array::GenericArray, BlockEncrypt, KeyInit};
use ed25519_dalek::Signer;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use rand::RngCore;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};

const MESSAGE: &[u8] = b"what is signed: one short text. ";

type Tell = Box<dyn Fn() -> String>;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn made(kind: &str) -> (String, Tell) {
    let mut random = rand::rngs::OsRng;
    match kind {
        "rsa" => {
            let key = rsa::RsaPrivateKey::new(&mut random, 2048).unwrap();
            key.sign(rsa::Pkcs1v15Sign::new_unprefixed(), MESSAGE).unwrap();
            let public = format!("n {:x}\ne {:x}\n", key.n(), key.e());
            let tell = move || format!("p {:x}\nq {:x}\nd {:x}\n", key.primes()[0], key.primes()[1], key.d());
            (public, Box::new(tell))
        }
        "p256" => {
            let key = Box::new(p256::ecdsa::SigningKey::random(&mut random));
            let _: p256::ecdsa::Signature = key.sign(MESSAGE);
            let point = key.verifying_key().as_affine().to_encoded_point(false);
            (format!("point {}\n", hex(point.as_bytes())), Box::new(move || format!("d {}\n", hex(&key.to_bytes()))))
        }
        "ed25519" => {
            let key = Box::new(ed25519_dalek::SigningKey::generate(&mut random));
            key.sign(MESSAGE);
            let public = format!("ed25519 {}\n", hex(key.verifying_key().as_bytes()));
            (public, Box::new(move || format!("seed {}\n", hex(&key.to_bytes()))))
        }
        "aes" => {
            let mut secret = Box::new([0u8; 32]);
            random.fill_bytes(&mut secret[..]);
            let cipher = Box::new(aes::Aes256::new(GenericArray::from_slice(&secret[..])));
            let mut block = GenericArray::clone_from_slice(&[0u8; 16]);
            cipher.encrypt_block(&mut block);
            let tell = move || {
                let _live = &cipher;
                format!("key {}\n", hex(&secret[..]))
            };
            (format!("aes {}\n", hex(&block)), Box::new(tell))
        }
        _ => (String::new(), Box::new(String::new)),
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (public, tell) = made(&arguments[1]);
    fs::write(&arguments[2], public).unwrap();
    let mut kept = Vec::new();
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let (order, path) = line.split_once(' ').unwrap();
        match order {
            "keep" => kept.push(fs::read(path).unwrap()),
            "tell" => fs::write(path, tell()).unwrap(),
            _ => {}
        }
        println!("done");
    }
    std::hint::black_box(&kept);
}
