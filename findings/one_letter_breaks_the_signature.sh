#!/bin/bash
# mailauth 4.13.3, the newest for node 20: of the Russian capitals one alone breaks a DKIM signature.
. "$(dirname "$0")/lib.sh"
npms mailauth@4.13.3 nodemailer@10.6.1
debs python3-dkim=1.1.4-1
expect 'relaxed canonicalisation knows two blanks, space and tab; UTF-8 in Subject: (RFC 6532) verifies as other text does'

openssl genrsa -out "$HOME/key.pem" 2048 2>"$work/err" || fail 'no openssl'
openssl rsa -in "$HOME/key.pem" -pubout -outform DER 2>/dev/null | base64 -w0 >"$HOME/public"
cat >"$work/sign.js" <<'NODE'
const fs = require("fs"), { DKIM } = require("nodemailer/lib/dkim").default ? { DKIM: require("nodemailer/lib/dkim").default } : { DKIM: require("nodemailer/lib/dkim") };
const { dkimVerify } = require("mailauth/lib/dkim/verify");
const home = process.env.HOME, read = name => fs.readFileSync(`${home}/${name}`, "latin1");
const resolver = async () => [["v=DKIM1; k=rsa; p=" + read("public")]];
const signed = async text => {
    const chunks = [];
    const stream = new DKIM({ domainName: "example.com", keySelector: "s", privateKey: read("key.pem") }).sign(Buffer.from(text));
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
};
(async () => {
    for (const message of process.argv[2]) {
        const message = await signed(`From: ann@example.com\r\nSubject: A${message}B\r\n\r\nhello\r\n`);
        fs.writeFileSync(`${home}/${message}.eml`, message);
        const { results } = await dkimVerify(message, { resolver });
        console.log(message, results[0].status.result);
    }
})();
NODE
cat >"$work/verify.py" <<'PYTHON'
import os, sys
sys.path.insert(0, sys.argv[1])
import dkim
record = b"v=DKIM1; k=rsa; p=" + open(os.environ["HOME"] + "/public", "rb").read()
for message in sys.argv[2]:
    octets = open(os.environ["HOME"] + "/%s.eml" % message, "rb").read()
    print(message, "pass" if dkim.verify(octets, dnsfunc=lambda *a, **k: record) else "fail")
PYTHON
messages='aàáАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ'
export LC_ALL=C.UTF-8
tally() { for word in pass fail; do echo "$1 $word: $(awk -v w=$word '$2 == w {printf "%s", $1}' "$2")"; done; }
node "$work/sign.js" "$messages" >"$work/mailauth" || fail node
python3 "$work/verify.py" "$root/usr/lib/python3/dist-packages" "$messages" >"$work/dkimpy" || fail dkimpy
seen=$(tally mailauth "$work/mailauth"; tally dkimpy "$work/dkimpy")
verdict "$seen" <<'SEEN'
mailauth pass: aáАБВГДЕЖЗИКЛМНОПСТУФХЦЧШЩЪЫЬЭЮЯ
mailauth fail: àР
dkimpy pass: aàáАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ
dkimpy fail: 
SEEN
