// Java: the JDK's own providers (SunRsaSign, SunEC, SunJCE). The protocol is that of program.h.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;

final class WithJava {
    private static final byte[] MESSAGE = "what is signed: one short text.".getBytes();
    private static final List<Object> KEPT = new ArrayList<>();
    private static Supplier<String> tell = () -> "";

    private static String line(String name, BigInteger value) {
        return name + " " + value.toString(16) + "\n";
    }

    private static KeyPair pair(KeyPairGenerator generator, String algorithm) throws Exception {
        KeyPair pair = generator.generateKeyPair();
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(pair.getPrivate());
        signature.update(MESSAGE);
        signature.sign();
        KEPT.add(pair);
        return pair;
    }

    private static String ofRsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) pair(generator, "SHA256withRSA").getPrivate();
        tell = () -> line("p", key.getPrimeP()) + line("q", key.getPrimeQ()) + line("d", key.getPrivateExponent());
        return line("n", key.getModulus()) + line("e", key.getPublicExponent());
    }

    private static String ofP256() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = pair(generator, "SHA256withECDSA");
        tell = () -> line("d", ((ECPrivateKey) pair.getPrivate()).getS());
        ECPublicKey key = (ECPublicKey) pair.getPublic();
        return line("x", key.getW().getAffineX()) + line("y", key.getW().getAffineY());
    }

    private static String ofEd25519() throws Exception {
        KeyPair pair = pair(KeyPairGenerator.getInstance("Ed25519"), "Ed25519");
        PrivateKey key = pair.getPrivate();
        tell = () -> "seed " + HexFormat.of().formatHex(((EdECPrivateKey) key).getBytes().orElseThrow()) + "\n";
        // RFC 8032 section 5.1.2: y, and the lowest bit of x as the highest of all.
        EdECPublicKey point = (EdECPublicKey) pair.getPublic();
        BigInteger y = point.getPoint().getY();
        return line("ed25519-number", point.getPoint().isXOdd() ? y.setBit(255) : y);
    }

    private static String ofAes() throws Exception {
        KeyGenerator generator = KeyGenerator.getInstance("AES");
        generator.init(256);
        SecretKey key = generator.generateKey();
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, key);
        KEPT.add(cipher);
        tell = () -> "key " + HexFormat.of().formatHex(key.getEncoded()) + "\n";
        return "aes " + HexFormat.of().formatHex(cipher.doFinal(new byte[16])) + "\n";
    }

    private static String made(String kind) throws Exception {
        switch (kind) {
            case "rsa": return ofRsa();
            case "p256": return ofP256();
            case "ed25519": return ofEd25519();
            case "aes": return ofAes();
            default: return "";
        }
    }

    public static void main(String[] arguments) throws Exception {
        Files.writeString(Path.of(arguments[1]), made(arguments[0]));
        System.out.println("ready");
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
        for (String line = orders.readLine(); line != null; line = orders.readLine()) {
            String[] order = line.trim().split(" ");
            if (order[0].equals("keep")) {
                KEPT.add(Files.readAllBytes(Path.of(order[1])));
            } else if (order[0].equals("tell")) {
                Files.writeString(Path.of(order[1]), tell.get());
            }
            System.out.println("done");
        }
    }
}
