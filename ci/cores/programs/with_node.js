// Node: OpenSSL behind KeyObjects. The protocol is that of program.h.
"use strict";
const crypto = require("node:crypto");
const fs = require("node:fs");
const readline = require("node:readline");

const MESSAGE = Buffer.from("what is signed: one short text.");
const kept = [];

function written(path, numbers) {
  fs.writeFileSync(path, Object.entries(numbers).map(([name, value]) => `${name} ${value}\n`).join(""));
}

function members(key, names) {
  const jwk = key.export({ format: "jwk" });
  return Object.fromEntries(Object.entries(names).map(([to, from]) => [to, Buffer.from(jwk[from], "base64url").toString("hex")]));
}

const makers = {
  rsa() {
    const { publicKey, privateKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
    crypto.sign("sha256", MESSAGE, privateKey);
    return [members(publicKey, { n: "n", e: "e" }), () => members(privateKey, { p: "p", q: "q", d: "d" })];
  },
  p256() {
    const { publicKey, privateKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
    crypto.sign("sha256", MESSAGE, privateKey);
    return [members(publicKey, { x: "x", y: "y" }), () => members(privateKey, { d: "d" })];
  },
  ed25519() {
    const { publicKey, privateKey } = crypto.generateKeyPairSync("ed25519");
    crypto.sign(null, MESSAGE, privateKey);
    return [members(publicKey, { ed25519: "x" }), () => members(privateKey, { seed: "d" })];
  },
  aes() {
    const secret = crypto.randomBytes(32);
    const cipher = crypto.createCipheriv("aes-256-ecb", secret, null);
    kept.push(cipher);
    return [{ aes: cipher.update(Buffer.alloc(16)).toString("hex") }, () => ({ key: secret.toString("hex") })];
  },
  none() {
    return [{}, () => ({})];
  },
};

const [kind, path] = process.argv.slice(2);
const [numbers, tell] = makers[kind]();
written(path, numbers);
console.log("ready");
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [order, file] = line.trim().split(" ");
  if (order === "keep") kept.push(fs.readFileSync(file));
  else if (order === "tell") written(file, tell());
  console.log("done");
});
