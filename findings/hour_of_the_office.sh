#!/bin/bash
# Four of seven readers of an invitation: the hour of the meeting depends on what the time zone is called.
. "$(dirname "$0")/lib.sh"
debs $(python_debs) python3-icalendar=4.0.3-5 python3-vobject=0.9.6.1-2 python3-tz=2022.7.1-4 python3-dateutil=2.8.2-2 \
    python3-six=1.16.0-4 calcurse=4.7.1-1
npms ical.js@2.2.1 node-ical@0.26.1 ical-expander@3.2.0 ical@0.8.0
expect 'TZID is a name for the VTIMEZONE beside it (RFC 5545 3.8.3.1), here five hours behind UTC: 10:00 is 15:00 UTC'

cat >"$HOME/template" <<'CALENDAR'
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:@ZONE@
BEGIN:STANDARD
DTSTART:20000101T000000
TZOFFSETFROM:-0500
TZOFFSETTO:-0500
TZNAME:EST
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:plan@example.com
DTSTAMP:20260105T100000Z
DTSTART;TZID=@ZONE@:20260112T100000
DTEND;TZID=@ZONE@:20260112T110000
SUMMARY:plan
ORGANIZER:mailto:ann@example.com
ATTENDEE:mailto:bo@example.org
END:VEVENT
END:VCALENDAR
CALENDAR
cat >"$work/read.js" <<'NODE'
const text = require("fs").readFileSync(process.argv[2], "utf8");
const ical = require("ical.js"), ICAL = ical.default || ical, Expander = require("ical-expander");
const show = (name, date) => console.log(`  ${name}: ${date.toISOString().slice(11, 16)}`);
const meeting = (calendar) => Object.values(calendar).find((entry) => entry.type === "VEVENT").start;
show("ical.js", new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent")).startDate.toJSDate());
show("ical-expander", new Expander({ ics: text }).all().events[0].startDate.toJSDate());
show("node-ical", meeting(require("node-ical").sync.parseICS(text)));
show("ical", meeting(require("ical").parseICS(text)));
NODE
cat >"$HOME/read.py" <<'PYTHON'
import datetime
import sys

import icalendar
import vobject

text = open(sys.argv[1], newline="").read()
event = icalendar.Calendar.from_ical(text).walk("VEVENT")[0]
for name, start in ("icalendar", event["dtstart"].dt), ("vobject", vobject.readOne(text).vevent.dtstart.value):
    print("  %s: %s" % (name, start.astimezone(datetime.timezone.utc).strftime("%H:%M")))
PYTHON
export PYTHONPATH=$root/usr/lib/python3/dist-packages
try() {
    sed "s#@ZONE@#$1#; s/\$/\r/" "$HOME/template" >"$HOME/invitation.ics"
    echo "$1"
    debian_python "$HOME/read.py" "$HOME/invitation.ics"
    (cd "$work" && node read.js "$HOME/invitation.ics")
    rm -rf "$HOME/calcurse"
    calcurse -q -D "$HOME/calcurse" -i "$HOME/invitation.ics" >"$work/out" 2>&1 || cat "$work/out"
    sed -n 's/.* @ \(.*\) -> .*/  calcurse: \1/p' "$HOME/calcurse/apts"
}
seen=$(try America/New_York
    try 'Eastern Standard Time'
    try 'Head Office')
verdict "$seen" <<'SEEN'
America/New_York
  icalendar: 15:00
  vobject: 15:00
  ical.js: 15:00
  ical-expander: 15:00
  node-ical: 15:00
  ical: 10:00
  calcurse: 15:00
Eastern Standard Time
  icalendar: 15:00
  vobject: 15:00
  ical.js: 15:00
  ical-expander: 15:00
  node-ical: 15:00
  ical: 10:00
  calcurse: 10:00
Head Office
  icalendar: 15:00
  vobject: 15:00
  ical.js: 15:00
  ical-expander: 10:00
  node-ical: 10:00
  ical: 10:00
  calcurse: 10:00
SEEN
