#!/bin/bash
# vobject and abook: an address book is converted, and one address in it is another address.
. "$(dirname "$0")/lib.sh"
debs $(python_debs) python3-vobject=0.9.6.1-2 python3-dateutil=2.8.2-2 python3-six=1.16.0-4 abook=0.6.1-2+b1
expect 'a long line of a vCard is folded (RFC 6350 3.2), and a reader joins it first: the address stays whole'

cat >"$HOME/write.py" <<'PYTHON'
import vobject

def card(name, address, group=None):
    made = vobject.vCard()
    made.add("n").value = vobject.vcard.Name(family=name)
    made.add("fn").value = name
    email = made.add("email", group)
    email.value = address
    email.type_paramlist = ["INTERNET", "WORK"]
    print(made.serialize(), end="")

card("Ann", "ann@example.com")
card("Roses", "members-of-the-rose-garden@horticulture.example.com")
card("Bo", "bo@example.com", "item1")
PYTHON
PYTHONPATH=$root/usr/lib/python3/dist-packages debian_python "$HOME/write.py" >"$HOME/book.vcf"
seen=$(grep -A1 EMAIL "$HOME/book.vcf" | grep -v -e N: -e -- | tr -d '\r'
    abook --convert --informat vcard --infile "$HOME/book.vcf" --outformat mutt --outfile "$HOME/aliases"
    echo "abook: exit code $?"
    cat "$HOME/aliases")
verdict "$seen" <<'SEEN'
EMAIL;TYPE=INTERNET,WORK:ann@example.com
EMAIL;TYPE=INTERNET,WORK:members-of-the-rose-garden@horticulture.example.co
 m
item1.EMAIL;TYPE=INTERNET,WORK:bo@example.com
abook: exit code 0
alias ann Ann <ann@example.com>
alias roses Roses <members-of-the-rose-garden@horticulture.example.co>
SEEN
