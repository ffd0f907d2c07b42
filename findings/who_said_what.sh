#!/bin/bash
# postal-mime and emailjs-mime-parser: a flowed quotation keeps its marks in the middle of the line.
. "$(dirname "$0")/lib.sh"
npms postal-mime@4.0.0 emailjs-mime-parser@2.0.7 mailparser@3.14.2
expect 'RFC 3676 4.5: the quote marks are taken off before lines are joined, and put back once'

cat >"$work/message" <<'MESSAGE'
From: ann@example.com
Subject: Re: dinner
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii; format=flowed

> We could eat at eight, 
> unless the train 
> is late.
Eight is fine.
MESSAGE
cat >"$work/read.js" <<'NODE'
const message = require("fs").readFileSync("message");
const show = (name, text) => console.log(`${name}:\n${text.trim()}`);
(async () => {
    const postal = require("postal-mime"), emailjs = require("emailjs-mime-parser");
    show("mailparser", (await require("mailparser").simpleParser(message)).text);
    show("postal-mime", (await (postal.default || postal).parse(message)).text);
    show("emailjs-mime-parser", Buffer.from((emailjs.default || emailjs)(message).content).toString());
})();
NODE
seen=$(cd "$work" && node read.js)
verdict "$seen" <<'SEEN'
mailparser:
> We could eat at eight, unless the train is late.
Eight is fine.
postal-mime:
> We could eat at eight, > unless the train > is late.
Eight is fine.
emailjs-mime-parser:
> We could eat at eight, > unless the train > is late.
Eight is fine.
SEEN
