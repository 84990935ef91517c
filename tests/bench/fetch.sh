#!/bin/sh
# fetch from an agent, verified and unpacked and on disk, beside curl -o F &&
# sync -d F of the same sealed bytes from nginx; both over TLS 1.3 and loopback,
# from the same file system, in alternated rounds; medians and ratio.
#   BENCH_ROUNDS (5)   BENCH_MIB (512) in files of BENCH_FILE_MIB (8) each
set -eu

rounds=${BENCH_ROUNDS:-5}
mib=${BENCH_MIB:-512}
each=${BENCH_FILE_MIB:-8}
goal=0.5
PATH=$PATH:/usr/sbin
for tool in nginx curl openssl jq; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done
umask 077
agent='' server=''
stop() {
	for pid in $agent $server; do
		kill "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
}
trap stop EXIT

for k in owner vendor recovery; do "$HANDOFF" keygen -o $k.key 2>/dev/null; done
print() { "$HANDOFF" card --show "$1" --json | jq -r .fingerprint; }
owner() { "$HANDOFF" "$@" --home owner --identity owner.key >/dev/null; }
owner init --name bench --recovery "$("$HANDOFF" keygen -y recovery.key)"
"$HANDOFF" card --home owner >owner.card
"$HANDOFF" enroll acme --home vendor --identity vendor.key --no-recovery \
    --owner owner.card --fingerprint "$(print owner.card)" >/dev/null
"$HANDOFF" card --home vendor >acme.card
owner vendor add acme acme.card --country NL --fingerprint "$(print acme.card)"
cat >policy.yaml <<'P'
handoff: 1
project: bench
purpose: bench
recipients: [acme]
retention: 90d
agreements: []
files:
  - match: "**/*.txt"
    type: text
    text: keep
P

mkdir data www
i=0
while [ "$i" -lt $((mib / each)) ]; do
	i=$((i + 1))
	head -c "${each}M" /dev/urandom | base64 -w 76 | head -c "${each}M" >data/$i.txt
done
owner export data --policy policy.yaml --vendor acme --name bench
owner batch approve bench --yes
cat owner/objects/*/* >www/sealed
rm -r data
mv vendor before

"$HANDOFF" agent --listen 127.0.0.1:0 --home owner --identity owner.key \
    >agent.log 2>&1 &
agent=$!
at=''
for _ in $(seq 200); do
	at=$(sed -n 's/.*listening on //p' agent.log)
	[ -z "$at" ] || break
	sleep 0.05
done
[ -n "$at" ] || { cat agent.log; exit 1; }

openssl req -x509 -newkey ed25519 -nodes -keyout tls.key -out tls.pem \
    -subj /CN=localhost -days 2 2>/dev/null
# serve PORT: nginx, one process in the foreground, that it is stopped by its pid
serve() {
	cat >nginx.conf <<N
daemon off;
master_process off;
pid $PWD/nginx.pid;
error_log $PWD/nginx.log;
events {}
http {
	access_log off;
	sendfile on;
	client_body_temp_path $PWD/t1;
	proxy_temp_path $PWD/t2;
	fastcgi_temp_path $PWD/t3;
	uwsgi_temp_path $PWD/t4;
	scgi_temp_path $PWD/t5;
	server {
		listen 127.0.0.1:$1 ssl;
		ssl_protocols TLSv1.3;
		ssl_certificate $PWD/tls.pem;
		ssl_certificate_key $PWD/tls.key;
		root $PWD/www;
	}
}
N
	nginx -e "$PWD/nginx.log" -p "$PWD" -c "$PWD/nginx.conf" 2>/dev/null &
	server=$!
	for _ in $(seq 40); do
		kill -0 $server 2>/dev/null || return 1
		! curl -skfI "https://127.0.0.1:$1/sealed" >/dev/null || return 0
		sleep 0.05
	done
	return 1
}
port=$((20000 + $$ % 20000))
for _ in $(seq 20); do
	serve $port && break
	kill "$server" 2>/dev/null || :
	wait "$server" 2>/dev/null || :
	server=''
	port=$((port + 1))
done
[ -n "$server" ] || { cat nginx.log; exit 1; }

took() {
	start=$(date +%s%N)
	"$@"
	echo $((($(date +%s%N) - start) / 1000000))
}
ours() {
	"$HANDOFF" fetch "https://$at" -o work --home vendor \
	    --identity vendor.key >/dev/null
}
# shellcheck disable=SC2317 # took calls it
theirs() {
	curl -sf -k --tlsv1.3 -o F "https://127.0.0.1:$port/sealed" && sync -d F
}
median() { sort -n "$1" | sed -n "$(((rounds + 1) / 2))p"; }

i=0
: >a
: >b
while [ "$i" -lt "$rounds" ]; do
	rm -rf vendor work F
	cp -r before vendor
	sync
	took ours >>a
	[ "$(find work -name '*.txt' | wc -l)" = $((mib / each)) ]
	rm -rf vendor work
	sync
	took theirs >>b
	cmp -s F www/sealed
	i=$((i + 1))
done
echo "$mib MiB in files of $each MiB: $(median a) ms against $(median b) ms:" \
    "$(awk -v a="$(median b)" -v b="$(median a)" 'BEGIN {
	printf "%.2f", a / b }') times as fast (goal $goal)"
echo "    rounds in ms: $(tr '\n' ' ' <a)| curl, sync $(tr '\n' ' ' <b)"
