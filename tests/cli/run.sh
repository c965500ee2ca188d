#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Wrong use: each case must give the exact exit status, exactly one line on standard error, nothing on standard
# output where there is nothing to report, and never a new, half-written or temporary file. Right use of the same
# options stands beside it, so that a refusal of everything does not pass.
#
# Usage: run.sh CORDON CAPTURE
set -u
[ $# -eq 2 ] || {
	echo "usage: run.sh CORDON CAPTURE" >&2
	exit 2
}
cordon=$(realpath "$1") || exit 2
capture=$(realpath "$2") || exit 2
here=$(mktemp -d)
trap 'chmod -R u+rwx "$here"; rm -rf "$here"' EXIT
cd "$here" || exit 2
chmod 755 "$here"
mkdir files out
cp "$capture" files/demo.pcap
echo 'dear diary' >files/text.txt
: >files/empty.pcap
cp "$capture" files/locked.pcap
chmod 000 files/locked.pcap
mkdir files/folder
unset NO_COLOR LC_ALL LC_CTYPE
export LANG=C.UTF-8 TERM=xterm

passed=0 failed=0 skipped=0
as=() # how to become somebody else

verdict() { # NAME, what went wrong or nothing
	if [ -z "$2" ]; then
		passed=$((passed + 1))
		echo "ok   $1"
	else
		failed=$((failed + 1))
		echo "FAIL $1:$2"
		sed 's/^/     | /' "$here/err" | head -n 5
	fi
}

skip() { # NAME, why
	skipped=$((skipped + 1))
	echo "SKIP $1: $2"
}

# What is wrong with a finished run: status, lines on standard error, what stands in out/, leftovers.
judge() { # STATUS, WANTED STATUS, LINES, OUT FILES
	local wrong= lines files
	[ "$1" = "$2" ] || wrong+=" status $1 instead of $2;"
	lines=$(wc -l <"$here/err")
	[ "$lines" = "$3" ] || wrong+=" $lines lines on standard error instead of $3;"
	grep -q '[^[:print:]]' "$here/err" && wrong+=' unprintable bytes on standard error;'
	files=$(find out files -name '.*' -o -path 'out/*' | sort | tr '\n' ' ')
	[ "$files" = "$4" ] || wrong+=" files left: '$files' instead of '$4';"
	echo "$wrong"
}

# A run that can't have an answer: one line, no output.
refuses() { # NAME, STATUS, ARGUMENT...
	local name=$1 status=$2 wrong
	shift 2
	"${as[@]}" timeout 60 "$cordon" "$@" >"$here/std" 2>"$here/err" </dev/null
	wrong=$(judge $? "$status" 1 '')
	[ -s "$here/std" ] && wrong+=' something on standard output;'
	verdict "$name" "$wrong"
}

# A run that has an answer, and LINES to say beside it.
answers() { # NAME, STATUS, LINES, ARGUMENT...
	local name=$1 status=$2 lines=$3 wrong
	shift 3
	timeout 60 "$cordon" "$@" >"$here/std" 2>"$here/err" </dev/null
	wrong=$(judge $? "$status" "$lines" '')
	[ -s "$here/std" ] || wrong+=' nothing on standard output;'
	verdict "$name" "$wrong"
}

says() { # NAME, TEXT: the last run said this
	local wrong=
	grep -qF -- "$2" "$here/err" || wrong=" not said: $2"
	verdict "$1" "$wrong"
}

d=files/demo.pcap

refuses 'no command' 64
refuses 'unknown command' 64 inspcet $d
says 'unknown command: the nearest' "'cordon inspect'"
refuses 'a capture in place of the command' 64 $d
says 'a capture in place of the command: how' "cordon inspect $d"
answers '--help' 0 0 --help
answers 'help' 0 0 help
answers 'help inspect' 0 0 help inspect
cp std help.txt
answers 'inspect --help' 0 0 inspect --help
verdict 'inspect --help is help inspect' "$(cmp std help.txt)"
refuses 'help on nothing known' 64 help inspcet
answers 'version' 0 0 version
verdict 'version tells the date of its MAC prefixes' "$(grep -qxE 'MAC prefixes ([0-9]{4}-[0-9]{2}-[0-9]{2}|none)' std || echo ' no such line')"
answers '--version' 0 0 --version
refuses 'version with an argument' 64 version 7
refuses 'version with an unknown option' 64 version --json
answers 'protos' 0 0 protos
verdict 'protos lists carriers, ports and what it reads' "$(grep -qE '^telnet +tcp +23,2323 +[a-z]' std || echo ' no such line')"
verdict 'protos: a line a protocol' "$([ "$(grep -cvE '^[a-z0-9_]+ +[a-z,]+ +[0-9x,a-f-]+ +[^ ]' std)" = 0 ] || echo ' another line')"
refuses 'protos with an argument' 64 protos telnet
refuses 'protos with an unknown option' 64 protos --json

mkdir nothing
export CORDON_DATA_DIR=$here/nothing # what this machine's owner added is not of the test's matter
answers 'check-knowledge' 0 0 check-knowledge
verdict 'check-knowledge counts' "$(grep -qE '^[0-9]+ files are fine: [0-9]+ makers, ' std || echo ' no counts')"
answers 'check-knowledge --help' 0 0 check-knowledge --help
refuses 'check-knowledge with an unknown option' 64 check-knowledge --fix
refuses 'check-knowledge of a missing file' 66 check-knowledge files/missing.tsv
refuses 'check-knowledge of a pipe' 66 check-knowledge /dev/null
mkdir files/data.d
printf '# mine\nLab Shop\tbrand\t-\t-\tmine\thigh\n' >files/data.d/makers-shop.tsv
printf 'dhcp-host-name\tlab-shop-*\tLab Shop\tcamera\t-\t-\t-\thigh\tmine\n' >files/data.d/fingerprints-shop.tsv
answers 'check-knowledge of a folder' 0 0 check-knowledge files/data.d
CORDON_DATA_DIR=files/data.d answers "check-knowledge of the owner's folder" 0 0 check-knowledge
CORDON_DATA_DIR=files/none refuses "check-knowledge of an owner's folder that is not there" 66 check-knowledge
refuses 'check-knowledge of a folder that is no folder' 66 check-knowledge files/data.d/makers-shop.tsv/x
answers 'check-knowledge of one file that needs another' 65 0 check-knowledge files/data.d/fingerprints-shop.tsv
printf 'http-server\tx\nhttp-servers\tx\tLab Shop\t-\t-\t-\t-\tlow\tmine\n' >files/data.d/fingerprints-wrong.tsv
printf 'x\n' >files/data.d/others.tsv
answers 'check-knowledge of wrong lines' 65 0 check-knowledge files/data.d
cat >wanted <<'END'
files/data.d/fingerprints-wrong.tsv:1: expected nine fields: signal, pattern, maker, product, model, firmware, built, confidence, source
files/data.d/fingerprints-wrong.tsv:2: expected the name of a signal that the code knows (src/base/signals.def)
files/data.d/others.tsv: expected a name that begins with makers, products, fingerprints, credentials, recalls or malware and ends in .tsv
END
verdict 'check-knowledge tells every wrong line' "$(cmp std wanted)"
printf 'no limits\n' >files/data.d/limits.tsv
answers 'check-knowledge of a whole set' 65 0 check-knowledge files/data.d
verdict 'check-knowledge of a whole set: limits are looked at' "$(grep -q '^files/data.d/limits.tsv:1: expected four fields' std || echo ' not told')"
head -c 1000001 /dev/zero >files/recalls-large.tsv
refuses 'check-knowledge of a file too large' 65 check-knowledge files/recalls-large.tsv
rm -r files/data.d files/recalls-large.tsv wanted

answers 'a capture' 0 0 inspect $d
cp std report.txt
answers 'the same again' 0 0 inspect -r $d
verdict 'the same again: same bytes' "$(cmp std report.txt)"
answers 'after --' 0 0 inspect -- $d
timeout 60 "$cordon" inspect - <$d >std 2>err
verdict 'standard input' "$(judge $? 0 0 '')"
verdict 'a report has no line over 80 columns' "$([ "$(LC_ALL=C.UTF-8 wc -L <report.txt)" -le 80 ] || echo wider)"
verdict 'no colour in a pipe' "$(grep -l $'\033' report.txt)"
answers '--color=never' 0 0 inspect --color=never $d
answers '--colour always' 0 0 inspect --colour always $d
LANG=C answers 'ASCII outside UTF-8' 0 0 inspect --all $d
verdict 'ASCII outside UTF-8: no other byte' "$(LC_ALL=C grep '[^ -~]' std)"
answers '--json' 0 0 inspect --json $d
cp std report.json
answers '--format=json' 0 0 inspect --format=json $d
verdict '--format=json is --json' "$(cmp std report.json)"
answers '--show-secrets' 0 0 inspect --show-secrets $d
verdict '--show-secrets: the factory password stands there, and nothing else differs' \
	"$(grep -qF 'root / xc3511 (' std || echo ' it does not'; sed 's/xc3511/x…1/' std | tr -s ' \n' '  ' | cmp - <(tr -s ' \n' '  ' <report.txt))"
verdict 'without --show-secrets it is nowhere' "$(grep -l xc3511 report.txt report.json)"
answers '--format csv' 0 0 inspect --format csv $d
cp std report.csv
verdict '--format csv: a row a device, all of the same width, CRLF' "$(
	rows=$(grep -c '"id"' report.json)
	sed 's/"[^"]*"/x/g' report.csv | awk -F, -v rows="$rows" '
		NF != 13 || !/\r$/ { print " line " NR " is wrong" }
		END { if (NR != rows + 1) print " " NR " lines for " rows " devices" }')"
answers '--format csv --recalls' 0 0 inspect --recalls --format csv $d
verdict '--format csv --recalls: its header' "$(head -n 1 std | grep -qx $'maker,advisory,action,device,addresses,product,model,firmware,built,basis\r' || echo ' another')"
refuses '--recalls of a text' 64 inspect --recalls $d
says '--recalls of a text: what to try' 'cordon inspect --format csv --recalls'
refuses '--recalls of JSON' 64 inspect --format csv --recalls --json $d
refuses '--recalls with a value' 64 inspect --format csv --recalls=all $d
refuses '--show-secrets with a value' 64 inspect --show-secrets=yes $d

# What the owner adds is known in the next report; a wrong line of it ends before the captures are read.
mkdir mine
printf 'Lab Shop\tmaker\t-\t-\tmine\thigh\n' >mine/makers-shop.tsv
printf 'dns-name\tcloud.example.com\tLab Shop\tcamera\tLS-1\t-\t-\thigh\tmine\n' >mine/fingerprints-shop.tsv
printf 'Lab Shop\tLS-*\tall\t=NOTE 7\tno-fix\tTake it back to the shop.\t-\tmine\thigh\n' >mine/recalls-shop.tsv
printf 'hidden\n' >mine/.makers.tsv
export CORDON_DATA_DIR=mine
answers "with the owner's data" 0 0 inspect $d
verdict "with the owner's data: the device by its name" "$(grep -qE '^● 192.168.1.40  camera  Lab Shop LS-1 +EXPOSED' std || echo ' no such line')"
verdict "with the owner's data: the recall" "$(grep -qF '=NOTE 7: no fix: keep it off the Internet (Take it back to the shop.)' std || echo ' no such line')"
answers "with the owner's data, CSV" 0 0 inspect --format csv $d
verdict "with the owner's data, CSV: the device, and no formula" "$(grep -q "192.168.1.40.*,Lab Shop,,camera,LS-1,,,exposed,.*,\"'=NOTE 7\"" <(sed 's/"Lab Shop"/Lab Shop/' std) || echo ' no such row')"
answers "with the owner's data, recalls" 0 0 inspect --format csv --recalls $d
verdict "with the owner's data, recalls: the row" "$(grep -q $'^"Lab Shop","\'=NOTE 7",.*192.168.1.40.*,camera,LS-1,,,matched\r$' std || echo ' no such row')"
answers "--fail-on exposed with the owner's data" 1 0 inspect --fail-on exposed $d
printf 'Lab Shop\tLS-*\tall\n' >mine/recalls-wrong.tsv
refuses "a wrong line of the owner's" 78 inspect $d
says "a wrong line of the owner's: where" 'mine/recalls-wrong.tsv:1: expected '
refuses "a wrong line of the owner's, with -o" 78 inspect -o out/report $d
answers 'help does not mind it' 0 0 inspect --help
rm mine/recalls-wrong.tsv
printf 'x\n' >mine/others.tsv
refuses 'a file that is not of its kind among the owner'"'"'s' 78 inspect $d
says 'a file that is not of its kind: which' 'mine/others.tsv: expected '
CORDON_DATA_DIR=missing refuses "an owner's folder that is not there" 66 inspect $d
rm -r mine
export CORDON_DATA_DIR=$here/nothing

answers '-v tells of memory and time' 0 "$(timeout 60 "$cordon" inspect -v $d 2>&1 >/dev/null | wc -l)" inspect -v $d
verdict '-v changes nothing in the report' "$(cmp std report.txt)"

# ---- summaries ----------------------------------------------------------------------------------------------------
answers 'a summary is saved' 0 0 inspect -q --json --summary demo.summary $d
cp std whole.json
answers 'a summary is merged' 0 0 merge -q --json demo.summary
verdict 'one summary alone says what inspect says' "$(cmp whole.json std 2>&1)"
answers 'a summary on standard output' 0 0 inspect -q -o whole.txt --summary - $d
verdict 'the same summary' "$(cmp std demo.summary 2>&1)"
answers 'a merged summary is saved' 0 0 merge -q --summary again.summary demo.summary
verdict 'a summary of one summary is the same' "$(cmp again.summary demo.summary 2>&1)"
answers 'the same summary twice counts once' 0 1 merge -q --json demo.summary again.summary
verdict 'and changes nothing' "$(cmp std whole.json 2>&1)"
answers '--fail-on of summaries' 1 0 merge -q --fail-on suspect demo.summary
head -c 3000 demo.summary >cut.summary
printf 'X' | dd of=cut.summary bs=1 seek=2000 conv=notrunc status=none
refuses 'no summary' 64 merge
refuses 'a summary from standard input' 64 merge -
refuses 'a capture in place of a summary' 65 merge $d
says 'a capture in place of a summary: what makes one' 'inspect --summary'
refuses 'a summary in place of a capture' 65 inspect demo.summary
refuses 'a damaged summary' 65 merge cut.summary
refuses 'a missing summary' 66 merge files/missing.summary
refuses 'a directory of summaries' 66 merge files/folder
answers 'a damaged summary among good ones' 65 1 merge -q demo.summary cut.summary
refuses 'a report over its summary' 64 merge -o demo.summary demo.summary
refuses 'a summary over its capture' 64 inspect --summary files/demo.pcap files/demo.pcap
refuses 'report and summary in one file' 64 inspect -o both --summary both $d
refuses 'report and summary on standard output' 64 inspect --summary - $d
refuses 'a summary without a name' 64 inspect --summary '' $d
refuses 'a summary that cannot be created' 73 inspect --summary nowhere/file $d
refuses '--evidence of summaries' 64 merge --evidence proof.pcapng demo.summary
refuses '--at of summaries' 64 merge --at 2016-10-21T11:04:31Z demo.summary
refuses '--threads of summaries' 64 merge --threads 2 demo.summary
refuses 'little memory for summaries' 64 merge --memory 1M demo.summary
rm -f ./*.summary whole.json whole.txt

refuses 'no file' 64 inspect
refuses 'no file after --' 64 inspect --
refuses 'an empty name' 64 inspect ''
refuses 'standard input twice' 64 inspect - -
refuses 'a missing file' 66 inspect files/missing.pcap
refuses 'a directory' 66 inspect files/folder
refuses 'a text file' 65 inspect files/text.txt
refuses 'an empty file' 65 inspect files/empty.pcap
refuses 'an empty standard input' 65 inspect -
refuses 'a device that is no capture' 65 inspect /dev/null
refuses 'a file as a directory' 66 inspect $d/inside.pcap
refuses 'a name too long' 66 inspect "$(printf 'x%.0s' {1..300})"
refuses 'a name with an escape sequence' 66 inspect $'files/\033[2Jgone\nnow'
answers 'a missing file among good ones' 66 1 inspect $d files/missing.pcap $d
answers 'a text file among good ones' 65 1 inspect files/text.txt $d
answers 'two bad files: the first decides' 65 2 inspect files/text.txt $d files/missing.pcap
answers 'two bad files, the other way round' 66 2 inspect files/missing.pcap files/text.txt $d

if [ "$(id -u)" -ne 0 ]; then
	refuses 'an unreadable file' 77 inspect files/locked.pcap
elif setpriv --reuid 65534 --clear-groups test -x "$cordon" -a -r files/demo.pcap 2>/dev/null; then
	as=(setpriv --reuid 65534 --clear-groups)
	refuses 'an unreadable file' 77 inspect files/locked.pcap
	refuses 'a directory that may not be written' 73 inspect -o out/report files/demo.pcap
	as=()
else
	skip 'an unreadable file' 'setpriv can not become another user who may run cordon'
	skip 'a directory that may not be written' 'the same'
fi

refuses 'unknown option' 64 inspect --frobnicate $d
refuses 'an option not built: -n' 64 inspect -n $d
refuses 'an option not built: -c' 64 inspect -c 5 $d
refuses 'misspelt option' 64 inspect --treads 2 $d
says 'misspelt option: the nearest' '--threads'
refuses 'a value where none belongs' 64 inspect --all=yes $d
refuses 'an option without its value' 64 inspect $d --local
refuses 'a letter without its value' 64 inspect $d -o
refuses 'unknown letter among known ones' 64 inspect -qx $d
for format in htm CSV '' JSON; do
	refuses "--format '$format'" 64 inspect --format "$format" $d
done
for local in x 192.0.2.0/33 192.0.2.0/ 192.0.2/24 2001:db8::/129 '' '192.0.2.0/24 '; do
	refuses "--local '$local'" 64 inspect --local "$local" $d
done
answers '--local' 0 0 inspect --local 192.168.0.0/16 --local 2001:db8::/32 $d
for threads in 0 65 -1 two '' 1.5 99999999999999999999 '2 '; do
	refuses "--threads '$threads'" 64 inspect --threads "$threads" $d
done
answers '--threads 3' 0 0 inspect --threads 3 $d
verdict '--threads 3: same bytes' "$(cmp std report.txt)"
for memory in 0 1M 31M 33554431 64X 64MB '' -64M 99999999999999999999 17179869184G; do
	refuses "--memory '$memory'" 64 inspect --memory "$memory" $d
done
answers '--memory 64M' 0 0 inspect --memory 64M $d
answers '--memory 65536k' 0 0 inspect --memory 65536k $d
for most in 0 -1 some '' 1.5 '3 ' 99999999999999999999; do
	refuses "--max-devices '$most'" 64 inspect --max-devices "$most" $d
done
answers '--max-devices 1' 0 0 inspect --max-devices 1 $d
verdict '--max-devices 1: local devices all the same' "$(cmp std report.txt)"
# The question of an abuse notice.
answers '--at' 0 0 inspect --at 2016-10-21T11:02:15Z --port 52678 $d
answers '--at with an address, a protocol and less time' 0 0 inspect --at '2016-10-21 13:02:15 +02:00' --port 52678 \
	--address 198.51.100.44 --proto tcp --within 5 $d
answers '--at, JSON' 0 0 inspect --json --at '2016-10-21 11:02:15 UTC' --port 52678 $d
verdict '--at, JSON: its schema' "$(grep -q '"schema": "cordon.answer/1"' std || echo ' another')"
answers '--at of a moment that is not there' 0 0 inspect --at 2016-10-22T11:02:15Z --port 52678 $d
verdict '--at of a moment that is not there: says so' "$(grep -q '^No local device had such a connection in these captures, and' std || echo ' it does not')"
refuses '--at without a zone' 64 inspect --at '2016-10-21 11:02:15' --port 52678 $d
says '--at without a zone: what to write' "'2016-10-21 11:02:15Z' for UTC"
for at in '' now 2016-10-21 1477047735 2016-02-30T11:02:15Z; do
	refuses "--at '$at'" 64 inspect --at "$at" --port 52678 $d
done
for at in 2016-10-21T24:00:00Z 2016-10-21T11:60:00Z 9999-12-31T23:59:59Z 1969-12-31T23:59:59Z 2015-02-29T00:00:00Z \
	2016-10-21T11:02:15+24:00 2016-10-21T11:02:15-5 '2016-10-21T11:02:15Z ' $'2016-10-21T11:02:15Z\n' $'\033[2J'; do
	refuses "--at $(printf %q "$at")" 64 inspect --at "$at" --port 52678 $d
done
for at in 2016-02-29T00:00:00Z 2016-12-31T23:59:60Z 2200-12-31T23:59:59-23:59 1970-01-01T00:00:00+23:59; do
	answers "--at $at" 0 0 inspect --at "$at" --port 52678 --within 86400 $d
done
for port in 0 65536 http '' -1 +23 4294967319; do
	refuses "--port '$port'" 64 inspect --at 2016-10-21T11:02:15Z --port "$port" $d
done
refuses '--at without --port' 64 inspect --at 2016-10-21T11:02:15Z $d
refuses '--port without --at' 64 inspect --port 52678 $d
refuses '--within without --at' 64 inspect --within 5 $d
refuses '--within a word' 64 inspect --at 2016-10-21T11:02:15Z --port 52678 --within 5m $d
refuses '--address a name' 64 inspect --at 2016-10-21T11:02:15Z --port 52678 --address router $d
refuses '--proto icmp' 64 inspect --at 2016-10-21T11:02:15Z --port 52678 --proto icmp $d
refuses '--at as a table' 64 inspect --at 2016-10-21T11:02:15Z --port 52678 --format csv $d
# Who reports: the name goes into other people's systems.
answers '--reporter' 0 0 inspect --format xarf --reporter 'Ö & Co. <abuse@example.net>' $d
for reporter in '' 'Example Net' '<a@example.net>' '  <a@example.net>' 'X <a@example>' 'X <@example.net>' \
	'X <a@example..net>' 'X <a@-example.net>' 'X <a@example.net' 'X <a@example.net> ' 'X <a b@example.net>' \
	'X <a@example.net> <b@example.net>' $'X\nY <a@example.net>' $'\033[2J <a@example.net>' \
	$'\xff <a@example.net>' $'X\u202e <a@example.net>' "$(printf 'x%.0s' {1..201}) <a@example.net>"; do
	refuses "--reporter $(printf %q "$reporter")" 64 inspect --format xarf --reporter "$reporter" $d
done
refuses '--format xarf without --reporter' 64 inspect --format xarf $d

# The packets that the report cites.
mkdir evidence
answers '--evidence' 0 0 inspect --evidence evidence/new $d
verdict '--evidence: a capture, and the report as ever' "$(cmp std report.txt; timeout 60 "$cordon" inspect -q evidence/new 2>&1 >/dev/null)"
answers '--evidence to standard output, and the report to a file' 0 0 inspect -o evidence/report --evidence - $d
verdict '--evidence to standard output: the same' "$(cmp std evidence/new; cmp evidence/report report.txt)"
cp $d evidence/own.pcap
ln -s own.pcap evidence/link.pcap
ln evidence/own.pcap evidence/second.pcap
for name in own link second; do
	refuses "--evidence over the capture: $name" 64 inspect --evidence evidence/$name.pcap evidence/own.pcap
done
verdict '--evidence over the capture: untouched' "$(cmp evidence/own.pcap $d)"
refuses '--evidence and the report in one file' 64 inspect -o evidence/both --evidence ./evidence/both $d
refuses '--evidence and the report to standard output' 64 inspect --evidence - $d
refuses '--evidence of standard input' 64 inspect --evidence evidence/none -
refuses '--evidence without a name' 64 inspect --evidence '' $d
refuses '--evidence onto a directory' 73 inspect --evidence evidence $d
refuses '--evidence into a missing directory' 73 inspect --evidence missing/evidence $d
refuses '--evidence of a missing file' 66 inspect --evidence evidence/none files/missing.pcap
if [ -w /dev/full ]; then
	answers '--evidence to a full disk' 74 1 inspect --evidence /dev/full $d
fi
verdict '--evidence: what was refused left nothing' "$(find evidence -name none -o -name both -o -name '.cordon*')"
rm -r evidence

refuses '--fail-on clear' 64 inspect --fail-on clear $d
refuses '--color sometimes' 64 inspect --color sometimes $d

"$cordon" inspect --json $d 2>/dev/null | grep -A400 '"site": "local"' | grep -q '"verdict": "infected"'
if [ $? -eq 0 ]; then
	answers '--fail-on infected' 1 0 inspect --fail-on infected $d
	answers '--fail-on exposed' 1 0 inspect --fail-on exposed $d
	answers '--fail-on and a bad input: the input' 65 1 inspect --fail-on infected $d files/text.txt
else
	skip '--fail-on' 'the capture has no infected device'
fi

# -o: whole or not at all.
quiet() { # NAME, STATUS, LINES, FILES LEFT, ARGUMENT...: nothing on standard output
	local name=$1 status=$2 lines=$3 files=$4 wrong
	shift 4
	timeout 60 "$cordon" "$@" >"$here/std" 2>"$here/err" </dev/null
	wrong=$(judge $? "$status" "$lines" "$files")
	[ -s "$here/std" ] && wrong+=' something on standard output;'
	verdict "$name" "$wrong"
	[ -z "$wrong" ]
}

quiet '-o a new file' 0 0 'out/report ' inspect -o out/report $d
verdict '-o a new file: the report' "$(cmp out/report report.txt)"
echo old >out/report
chmod 640 out/report
quiet '-o an old file' 0 0 'out/report ' inspect -oout/report $d
verdict '-o an old file: replaced, mode kept' "$(cmp out/report report.txt; stat -c %a out/report | grep -v 640)"
ln -s report out/link
quiet '-o a link' 0 0 'out/link out/report ' inspect --output=out/link --json $d
verdict '-o a link: what it points to is replaced' "$(cmp out/report report.json; readlink out/link | grep -vx report)"
rm out/link
echo old >out/report
quiet '-o and a bad input' 65 1 'out/report ' inspect -o out/report files/text.txt
verdict '-o and a bad input: the old file stays' "$(grep -vx old out/report)"
quiet '-o and a bad option' 64 1 'out/report ' inspect -o out/report --threads 0 $d
verdict '-o and a bad option: the old file stays' "$(grep -vx old out/report)"
rm out/report
cp $d files/same.pcap
refuses '-o one of the inputs' 64 inspect -o files/same.pcap $d files/same.pcap
ln -s same.pcap files/other.pcap
refuses '-o one of the inputs by another name' 64 inspect -o files/other.pcap files/same.pcap
verdict '-o one of the inputs: untouched' "$(cmp files/same.pcap $d)"
refuses '-o into a missing directory' 73 inspect -o missing/report $d
refuses '-o onto a directory' 73 inspect -o out $d
refuses '-o into a file as a directory' 73 inspect -o $d/report $d
refuses '-o without a name' 64 inspect -o '' $d
answers '-o /dev/stdout' 0 0 inspect -o /dev/stdout $d
verdict '-o /dev/stdout: the report' "$(cmp std report.txt)"
answers '-o -' 0 0 inspect -o - $d
quiet '-o /dev/null' 0 0 '' inspect -o /dev/null $d
verdict '-o /dev/null: still a device' "$([ -c /dev/null ] || echo gone)"
mkfifo pipe
cat pipe >from-pipe &
quiet '-o a pipe' 0 0 '' inspect -o pipe $d
wait $!
verdict '-o a pipe: the report' "$(cmp from-pipe report.txt; [ -p pipe ] || echo replaced)"
if [ -w /dev/full ]; then
	refuses '-o /dev/full' 74 inspect -o /dev/full $d
	timeout 60 "$cordon" inspect $d >/dev/full 2>err
	verdict 'standard output full' "$(judge $? 74 1 '')"
	timeout 60 "$cordon" help >/dev/full 2>err
	verdict 'standard output full: help' "$(judge $? 74 1 '')"
else
	skip 'standard output full' 'no /dev/full'
fi
timeout 60 "$cordon" inspect $d >&- 2>err
verdict 'standard output closed' "$(judge $? 74 1 '')"
timeout 60 "$cordon" inspect -o out/report $d >&- 2>err <&-
verdict 'standard output closed, with -o' "$(judge $? 0 0 'out/report ')"
rm -f out/report
timeout 60 "$cordon" inspect - <&- >std 2>err
verdict 'standard input closed' "$(judge $? 66 1 '')"
timeout 60 "$cordon" inspect $d 2>err | true
verdict 'a reader that went away' "$(s=${PIPESTATUS[0]}; [ "$s" = 0 ] && s=141; judge "$s" 141 0 '')"
# Nobody reads from the start, so the write itself must meet the broken pipe.
mkfifo nobody
exec 3<>nobody 4>nobody 3<&-
timeout 60 "$cordon" inspect $d >&4 2>err
verdict 'a reader that was never there' "$(judge $? 141 0 '')"
exec 4>&-

# A disk with room for a name and nothing else.
if unshare -m true 2>/dev/null; then
	mkdir disk
	unshare -m bash -c '
		mount -t tmpfs -o size=16k tmpfs disk || exit 200
		echo old >disk/report
		head -c 100000 /dev/zero >disk/filler 2>/dev/null
		timeout 60 "$0" inspect -o disk/report "$1" >std 2>err
		status=$?
		ls -A disk >left
		cat disk/report >>left
		exit $status' "$cordon" $d
	status=$?
	if [ $status -eq 200 ]; then
		skip 'a full disk' 'no tmpfs may be mounted'
	else
		wrong=$(judge $status 74 1 '')
		[ "$(tr '\n' ' ' <left)" = 'filler report old ' ] || wrong+=" left: $(tr '\n' ' ' <left)"
		verdict 'a full disk: the old file stays' "$wrong"
	fi
else
	skip 'a full disk' 'no mount namespace'
fi
(
	ulimit -f 0
	timeout 60 "$cordon" inspect -o out/report $d 2>&1
	echo "status $?"
) | cat >std
grep -v '^status' std >err
verdict 'a file size limit' "$(judge "$(sed -n 's/^status //p' std)" 74 1 '')"

# The first interrupt ends the reading: the report so far, and death by the signal. The pipe stays open, so that
# cordon is surely still reading; a second later it is let go on.
mkfifo slow
(
	cat $d
	sleep 2
) >slow &
feeder=$!
# An asynchronous child of a script ignores SIGINT; env gives it back.
env --default-signal=INT "$cordon" inspect - <slow >std 2>err &
child=$!
sleep 1
kill -INT $child
wait $child
status=$?
wait $feeder
wrong=$(judge $status 130 1 '')
[ -s std ] || wrong+=' no report;'
verdict 'an interrupt' "$wrong"

if [ $skipped -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ $failed -eq 0 ]
