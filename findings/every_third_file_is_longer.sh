#!/bin/bash
# eml-format: the end of a multipart becomes part of its last file: of three sizes of a picture one is damaged.
. "$(dirname "$0")/lib.sh"
npms eml-format@0.6.1 nodemailer@10.6.1 mailparser@3.14.2
expect 'a file comes out as it went in; the line break before a delimiter is enough, no empty line is asked for (RFC 2046 5.1.1)'

cat >"$work/read.js" <<'NODE'
const eml = require("eml-format"), nodemailer = require("nodemailer"), { simpleParser } = require("mailparser");
const transport = (nodemailer.default || nodemailer).createTransport({ streamTransport: true, buffer: true, newline: "windows" });
const address = { from: "ann@example.com", to: "bo@example.org", subject: "a file" };
const parse = (text) => new Promise((resolve, reject) => eml.read(text, (error, data) => error ? reject(error) : resolve(data)));
const compare = (name, file, read) => {
    const same = Buffer.from(read).equals(file);
    console.log(`${name}: ${file.length} octets, read ${read.length}, ${same ? "the same" : "another file"}`);
};
(async () => {
    for (const size of [3000, 3001, 3002]) {
        const file = Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
        const attachments = [{ filename: "picture.png", content: file }];
        const { message } = await transport.sendMail({ ...address, text: "See the picture.", attachments });
        compare("mailparser", file, (await simpleParser(message)).attachments[0].content);
        compare("eml-format", file, (await parse(message.toString("latin1"))).attachments[0].data);
    }
    const { message } = await transport.sendMail({ ...address, text: "hello", html: "<p>hello</p>" });
    const delimiter = "\r\n" + message.toString("latin1").trim().split("\r\n").pop();
    const show = (name, html) => console.log(`${name}: ${html.trim().replace(delimiter, " and the delimiter")}`);
    show("mailparser", (await simpleParser(message)).html);
    show("eml-format", (await parse(message.toString("latin1"))).html);
})();
NODE
seen=$(cd "$work" && node read.js)
verdict "$seen" <<'SEEN'
mailparser: 3000 octets, read 3000, the same
eml-format: 3000 octets, read 3025, another file
mailparser: 3001 octets, read 3001, the same
eml-format: 3001 octets, read 3001, the same
mailparser: 3002 octets, read 3002, the same
eml-format: 3002 octets, read 3002, the same
mailparser: <p>hello</p>
eml-format: <p>hello</p> and the delimiter
SEEN
