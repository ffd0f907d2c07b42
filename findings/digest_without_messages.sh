#!/bin/bash
# multipart/digest: four of seven readers hand out its messages as nameless texts.
. "$(dirname "$0")/lib.sh"
debs $(python_debs) $(dovecot_debs) mpack=1.6-18+b1 ripmime=1.4.0.10.debian.1-3+b1
npms mailparser@3.14.2 postal-mime@4.0.0 emailjs-mime-parser@2.0.7
expect 'RFC 2046 5.1.5: in multipart/digest a part without a type is message/rfc822, here with the subject "first"'

for folder in cur new tmp; do mkdir -p "$HOME/mail/$folder"; done
file=$HOME/mail/cur/1767600000.one.host:2,
cat >"$file" <<'MESSAGE'
From: list@example.com
Subject: digest
MIME-Version: 1.0
Content-Type: multipart/digest; boundary="b"

--b

From: ann@example.com
Subject: first

hello
--b--
MESSAGE
cp "$file" "$work/message"
cat >"$work/read.js" <<'NODE'
const message = require("fs").readFileSync("message");
(async () => {
    const postal = require("postal-mime"), emailjs = require("emailjs-mime-parser");
    const parsed = await require("mailparser").simpleParser(message);
    console.log("mailparser:", parsed.attachments.length, "attachments, text", JSON.stringify(parsed.text));
    const mime = await (postal.default || postal).parse(message);
    console.log("postal-mime: text", JSON.stringify(mime.text));
    const part = (emailjs.default || emailjs)(message).childNodes[0];
    console.log("emailjs-mime-parser:", part.contentType.value);
})();
NODE
mkdir "$HOME/munpack" "$HOME/ripmime"
seen=$(echo "Dovecot: $(lines '1 EXAMINE INBOX' '2 FETCH 1 BODYSTRUCTURE' '3 LOGOUT' | imap "maildir:$HOME/mail" |
    sed -n 's/.*BODYSTRUCTURE ((\("[^ ]* "[^ ]*\).*\("first"\).*/\1 \2/p')"
    echo "Python: $(debian_python -c "
import email
part = email.message_from_file(open('$work/message')).get_payload(0)
print(part.get_content_type(), part.get_payload(0)['Subject'])")"
    cd "$HOME/munpack" && echo "munpack: $(munpack -t "$work/message" 2>&1)"
    cd "$HOME/ripmime" && ripmime -i "$work/message" -d . >/dev/null 2>&1
    echo "ripmime: files with the subject: $(grep -l first -- * | wc -l)"
    cd "$work" && node read.js)
verdict "$seen" <<'SEEN'
Dovecot: "message" "rfc822" "first"
Python: message/rfc822 first
munpack: part1 (text/plain)
ripmime: files with the subject: 0
mailparser: 0 attachments, text "From: ann@example.com\nSubject: first\n\nhello"
postal-mime: text "\n------------------------\nFrom:    ann@example.com\nSubject: first\n------------------------\n\nhello\n"
emailjs-mime-parser: text/plain
SEEN
