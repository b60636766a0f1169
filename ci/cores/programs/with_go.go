// Go: its standard library. The protocol is that of program.h.
package main

import (
	"bufio"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
)

var (
	message = []byte("what is signed: one short text.")
	kept    [][]byte
	block   cipher.Block
	live    any
)

func require(err error) {
	if err != nil {
		panic(err)
	}
}

func made(kind string) (string, func() string) {
	digest := sha256.Sum256(message)
	switch kind {
	case "rsa":
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		require(err)
		_, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
		require(err)
		live = key
		return fmt.Sprintf("n %x\ne %x\n", key.N, key.E), func() string {
			return fmt.Sprintf("p %x\nq %x\nd %x\n", key.Primes[0], key.Primes[1], key.D)
		}
	case "p256":
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require(err)
		_, err = ecdsa.SignASN1(rand.Reader, key, digest[:])
		require(err)
		live = key
		return fmt.Sprintf("x %x\ny %x\n", key.X, key.Y), func() string { return fmt.Sprintf("d %x\n", key.D) }
	case "ed25519":
		public, key, err := ed25519.GenerateKey(rand.Reader)
		require(err)
		ed25519.Sign(key, message)
		live = key
		return fmt.Sprintf("ed25519 %x\n", []byte(public)), func() string { return fmt.Sprintf("seed %x\n", []byte(key[:32])) }
	case "aes":
		secret := make([]byte, 32)
		_, err := rand.Read(secret)
		require(err)
		block, err = aes.NewCipher(secret)
		require(err)
		out := make([]byte, 16)
		block.Encrypt(out, make([]byte, 16))
		return fmt.Sprintf("aes %x\n", out), func() string { return fmt.Sprintf("key %x\n", secret) }
	}
	return "", func() string { return "" }
}

func main() {
	debug.SetTraceback("crash") // Without it Go ends by itself, and leaves no core.
	public, tell := made(os.Args[1])
	require(os.WriteFile(os.Args[2], []byte(public), 0o600))
	fmt.Println("ready")
	orders := bufio.NewScanner(os.Stdin)
	for orders.Scan() {
		order, path, _ := strings.Cut(orders.Text(), " ")
		switch order {
		case "keep":
			bytes, err := os.ReadFile(path)
			require(err)
			kept = append(kept, bytes)
		case "tell":
			require(os.WriteFile(path, []byte(tell()), 0o600))
		}
		fmt.Println("done")
	}
}
