"""The known answers of spec/signalling.md."""
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from vectors.primitives import Box, Signer, blake, derive, endpoint, flip, label, sample, u


def peer_record(name, flags=7, signer=None):
    identity = Signer(name + " identity")
    text = u(flags, 1) + identity.public + Box(name + " box").public
    return text + (signer or identity).sign(label("swarmcast peer record v1") + text)


def description(ufrag=b"Ab+/", password=b"0123456789abcdefghijkl", native=1, count=2, claimed=None,
                candidate_type=None, port=4000, fingerprint=None):
    candidates = b"".join(
        u(i % 4 if candidate_type is None else candidate_type, 1) +
        endpoint("2001:db8::%x" % (i + 1) if i % 2 else "192.0.2.%d" % (i + 1), port and port + i) +
        u(2 ** 32 - 1 - i, 4) for i in range(count))
    return (u(native, 1) + (fingerprint or sample("description fingerprint", 32)) +
            u(len(ufrag), 1) + ufrag + u(len(password), 1) + password +
            u(count if claimed is None else claimed, 1) + candidates)


def signal_text(kind, content, sent=5_000_000, size=None, padding=b"\0"):
    text = (u(kind, 1) + sample("attempt", 8) + u(sent, 5) +
            u(len(content) if size is None else size, 2) + content)
    return text + padding * (384 - len(text))


SECRET = sample("swarm secret", 16)


def signal(text, to="callee", sender="caller", signer=None, hops=7, secret=SECRET, claimed_to=None):
    addressee, ephemeral = Box(to + " box"), Box("ephemeral")
    to_id, from_id = (blake(Signer(n + " identity").public)[:16] for n in (claimed_to or to, sender))
    context = to_id + from_id + ephemeral.public + addressee.public
    key = derive(secret + ephemeral.shared(addressee.public), "swarmcast signal v1", context)
    signature = (signer or Signer(sender + " identity")).sign(
        label("swarmcast signal sender v1") + context + text)
    sealed = ChaCha20Poly1305(key).encrypt(bytes(12), text + signature, None)
    return b"\x0e" + u(hops, 1) + to_id + from_id + ephemeral.public + sealed


def greeting(type_, name, nonce, asked=b"", secret=SECRET, tail=bytes(127), record=None):
    text = "swarmcast path ask v1" if type_ == 0x60 else "swarmcast path answer v1"
    key = derive(secret, text, asked + nonce)
    plain = (record or peer_record(name)) + tail
    return u(type_, 1) + nonce + ChaCha20Poly1305(key).encrypt(bytes(12), plain, None)


def signalling_vectors():
    largest = description(b"u" * 32, b"p" * 64, 1, 8)
    knock = b"\0" + peer_record("caller")
    texts = [
        ("knock", signal_text(1, knock)),
        ("knock at an entry, time unknown",
         signal_text(1, b"\1" + peer_record("caller"), sent=2 ** 40 - 1)),
        ("accept", signal_text(2, b"\0" + description())),
        ("refuse, no place", signal_text(3, b"\1")),
        ("refuse, too many", signal_text(3, b"\2")),
        ("description, the largest", signal_text(4, b"\xff" + largest)),
    ]
    bad_texts = [
        ("kind 0", signal_text(0, b"\1")),
        ("kind 5", signal_text(5, b"\1")),
        ("padded with ones", signal_text(3, b"\1", padding=b"\1")),
        ("one byte of content more", signal_text(3, b"\1\0")),
        ("content longer than the text", signal_text(3, b"\1", size=369)),
        ("knock with wish 2", signal_text(1, b"\2" + peer_record("caller"))),
        ("knock with a reserved flag", signal_text(1, b"\0" + peer_record("caller", flags=8))),
        ("refuse with reason 0", signal_text(3, b"\0")),
        ("refuse with reason 3", signal_text(3, b"\3")),
        ("accept without description", signal_text(2, b"\0")),
        ("shorter", signal_text(3, b"\1")[:-1]),
    ]
    descriptions = [("usual", description()), ("nothing found yet", description(count=0)),
                    ("browser", description(native=0)), ("largest", largest)]
    bad_descriptions = [
        ("reserved flag", description(native=2)),
        ("ufrag too short", description(ufrag=b"abc")),
        ("ufrag too long", description(ufrag=b"a" * 33)),
        ("ufrag with a line end", description(ufrag=b"ab\r\n")),
        ("password too short", description(password=b"p" * 21)),
        ("password too long", description(password=b"p" * 65)),
        ("candidate of type 4", description(candidate_type=4)),
        ("candidate without port", description(port=0)),
        ("nine candidates", description(count=9)),
        ("a candidate missing", description(count=2, claimed=3)),
        ("a candidate too many", description(count=2, claimed=1)),
        ("a candidate twice", description(count=1, claimed=2) + description(count=1)[-23:]),
    ]

    good = signal(texts[0][1])
    refused = [(f"bit flipped in the {where}", flip(good, byte * 8 + 3)) for where, byte in
               (("addressee", 4), ("sender", 20), ("ephemeral key", 40), ("sealed text", 100),
                ("tag", len(good) - 1))]
    refused += [
        ("another secret", signal(texts[0][1], secret=sample("other secret", 16))),
        ("sealed to another", signal(texts[0][1], to="other", claimed_to="callee")),
        ("eight hops", signal(texts[0][1], hops=8)),
        ("signed by another", signal(texts[0][1], signer=Signer("other identity"))),
        ("sent by another", signal(texts[0][1], sender="other")),
        ("malformed inside", signal(bad_texts[0][1])),
        ("one byte short", good[:-1]),
        ("one byte long", good + b"\0"),
        ("another type", b"\x0f" + good[1:]),
        ("to oneself", signal(texts[0][1], sender="callee")),
    ]
    ask_nonce, nonce = sample("ask nonce", 32), sample("answer nonce", 32)
    ask = greeting(0x60, "caller", ask_nonce)
    answer = greeting(0x61, "callee", nonce, ask_nonce)
    bad_greetings = [
        ("ask, bit flipped", flip(ask, 500)),
        ("ask under another secret", greeting(0x60, "caller", ask_nonce,
                                              secret=sample("other secret", 16))),
        ("ask, padded with ones", greeting(0x60, "caller", ask_nonce, tail=b"\1" * 127)),
        ("ask, record signed by another",
         greeting(0x60, "caller", ask_nonce,
                  record=peer_record("caller", signer=Signer("other identity")))),
        ("ask, shorter", ask[:-1]),
        ("answer to another ask", greeting(0x61, "callee", nonce, sample("another nonce", 32))),
        ("ask as an answer", b"\x61" + ask[1:]),
        ("answer as an ask", b"\x60" + answer[1:]),
    ]

    def listed(cases):
        return [dict(name=n, bytes=b.hex()) for n, b in cases]

    def peer(name):
        return dict(identity_seed=Signer(name + " identity").seed.hex(),
                    peer_id=blake(Signer(name + " identity").public)[:16].hex(),
                    box_secret=Box(name + " box").secret.hex(), record=peer_record(name).hex())
    return dict(
        spec="signalling.md", secret=SECRET.hex(),
        peers={name: peer(name) for name in ("caller", "callee")},
        exchange=dict(secret=Box("ephemeral").secret.hex(), public=Box("ephemeral").public.hex(),
                      shared=Box("ephemeral").shared(Box("callee box").public).hex()),
        descriptions=listed(descriptions), invalid_descriptions=listed(bad_descriptions),
        texts=listed(texts), invalid_texts=listed(bad_texts),
        signals=[dict(name=n, text=t.hex(), ephemeral_secret=Box("ephemeral").secret.hex(),
                      bytes=signal(t).hex()) for n, t in texts],
        refused_signals=listed(refused),
        greeting=dict(ask_nonce=ask_nonce.hex(), answer_nonce=nonce.hex(), ask=ask.hex(),
                      answer=answer.hex()),
        refused_greetings=listed(bad_greetings))
