"""What all the known answers are made of."""
import hashlib
import ipaddress

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def blake(data, size=32, key=b""):
    return hashlib.blake2b(data, digest_size=size, key=key).digest()


def label(text):
    return text.encode() + b"\0"


def derive(key, text, context=b""):
    return blake(label(text) + context, key=key)


def sample(name, size):
    """Bytes without a pattern, the same in every run."""
    return hashlib.shake_128(b"swarmcast vector " + name.encode()).digest(size)


def u(value, size):
    return value.to_bytes(size, "big")


class Signer:
    def __init__(self, name):
        self.seed = sample(name, 32)
        self.key = Ed25519PrivateKey.from_private_bytes(self.seed)
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message):
        return self.key.sign(message)


class Box:
    def __init__(self, name):
        self.secret = sample(name, 32)
        self.key = X25519PrivateKey.from_private_bytes(self.secret)
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def shared(self, public):
        return self.key.exchange(X25519PublicKey.from_public_bytes(public))


SOURCE = Signer("source")


def flip(data, bit):
    out = bytearray(data)
    out[bit // 8] ^= 0x80 >> bit % 8
    return bytes(out)


def ip_bytes(text):
    ip = ipaddress.ip_address(text)
    return ip.packed if ip.version == 6 else bytes(10) + b"\xff\xff" + ip.packed


def endpoint(host, port):
    return ip_bytes(host) + u(port, 2)
