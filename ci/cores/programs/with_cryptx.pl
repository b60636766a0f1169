# CryptX for Perl: LibTomCrypt and LibTomMath. The protocol is that of program.h.
use strict;
use warnings;
use Crypt::Cipher::AES;
use Crypt::PK::ECC;
use Crypt::PK::Ed25519;
use Crypt::PK::RSA;
use Crypt::PRNG qw(random_bytes);

my $message = "what is signed: one short text.";
my ($kind, $path) = @ARGV;
my ($key, $secret, $cipher, @kept);

sub members {
    my ($wanted, %names) = @_;
    my $of = $key->key2hash;
    return join "", map { "$_ $of->{$names{$_}}\n" } grep { $wanted =~ /$_/ } sort keys %names;
}

sub written {
    my ($to, $text) = @_;
    open my $file, ">", $to or die "$to: $!";
    print $file lc $text;
    close $file or die "$to: $!";
}

my %makers = (
    rsa => sub {
        $key = Crypt::PK::RSA->new;
        $key->generate_key(256, 65537);
        $key->sign_message($message, "SHA256", "v1.5");
        return "n " . unpack("H*", public_numbers()) . "\ne 10001\n";
    },
    p256 => sub {
        $key = Crypt::PK::ECC->new;
        $key->generate_key("secp256r1");
        $key->sign_message($message, "SHA256");
        return "point " . unpack("H*", $key->export_key_raw("public")) . "\n";
    },
    ed25519 => sub {
        $key = Crypt::PK::Ed25519->new;
        $key->generate_key;
        $key->sign_message($message);
        return "ed25519 " . unpack("H*", $key->export_key_raw("public")) . "\n";
    },
    aes => sub {
        $secret = random_bytes(32);
        $cipher = Crypt::Cipher::AES->new($secret);
        return "aes " . unpack("H*", $cipher->encrypt("\0" x 16)) . "\n";
    },
    none => sub { return "" },
);

my %tellers = (
    rsa => sub { return members("pqd", p => "p", q => "q", d => "d") },
    p256 => sub { return "d " . unpack("H*", $key->export_key_raw("private")) . "\n" },
    ed25519 => sub { return "seed " . unpack("H*", $key->export_key_raw("private")) . "\n" },
    aes => sub { return "key " . unpack("H*", $secret) . "\n" },
    none => sub { return "" },
);

# The modulus of a public key in PKCS#1 DER: a sequence, then an integer of 257 bytes. key2hash would spell the private half too.
sub public_numbers {
    my $der = $key->export_key_der("public");
    my $at = index $der, "\x02\x82\x01\x01\x00";
    die "no modulus of 2,048 bits" if $at < 0;
    return substr $der, $at + 5, 256;
}

written($path, $makers{$kind}->());
$| = 1;
print "ready\n";
while (my $line = <STDIN>) {
    chomp $line;
    my ($order, $file) = split / /, $line, 2;
    if ($order eq "keep") {
        open my $from, "<:raw", $file or die "$file: $!";
        push @kept, do { local $/; <$from> };
    } elsif ($order eq "tell") {
        written($file, $tellers{$kind}->());
    }
    print "done\n";
}
