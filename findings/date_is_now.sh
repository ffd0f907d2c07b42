#!/bin/bash
# mailparser: a valid date that it cannot read becomes the moment of reading, another one each time.
. "$(dirname "$0")/lib.sh"
npms mailparser@3.14.2
expect 'a Date: in an obsolete zone (RFC 5322 4.3: a reader takes it) is read as 1999, or there is no date'

cat >"$work/read.js" <<'NODE'
const { simpleParser } = require("mailparser");
const parse = async zone => {
    const date = `Fri, 24 Dec 1999 10:00:00 ${zone}`;
    const message = await simpleParser(`From: ann@example.com\nDate: ${date}\n\nhello\n`);
    return message.date;
};
const year = date => date ? (Math.abs(date - Date.now()) < 60000 ? "now" : date.toJSON()) : "no date";
(async () => {
    for (const zone of ["+0000", "EST", "A", "R"]) console.log(`zone ${zone}:`, year(await parse(zone)));
    const first = await parse("A");
    await new Promise(done => setTimeout(done, 1100));
    console.log("one message read twice has one date:", +first === +await parse("A"));
})();
NODE
seen=$(node "$work/read.js")
verdict "$seen" <<'SEEN'
zone +0000: 1999-12-24T10:00:00.000Z
zone EST: 1999-12-24T15:00:00.000Z
zone A: now
zone R: now
one message read twice has one date: false
SEEN
