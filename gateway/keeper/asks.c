/* Who may ask the keeper what: one row an ask. */

#include <stdio.h>
#include <string.h>

#include "gateway/client/client.h"
#include "gateway/keeper/approvals_internal.h"
#include "gateway/keeper/asker_internal.h"
#include "gateway/keeper/batches_internal.h"
#include "gateway/keeper/erase_internal.h"
#include "gateway/keeper/holds_internal.h"
#include "gateway/keeper/keeper_internal.h"
#include "gateway/keeper/law_internal.h"
#include "gateway/keeper/people_internal.h"
#include "gateway/keeper/persons_internal.h"
#include "gateway/keeper/vendor_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

static int
who(void *state, struct asked *a, struct fault *f)
{
	const struct home *h = state;
	char log[VKEY_CHARS_MAX + 1], speaks[SPEAKS_CHARS + 1];
	struct slice head = audit_head(catalog_audit(h->catalog));
	json_t *in;

	if (home_in(a, &in, f) != 0)
		return -1;
	json_decref(in);
	vkey_write(log, &h->log);
	asks_speak(speaks);
	return home_out(a,
	    json_pack("{s:s,s:s,s:s,s:b,s:s,s:I,s:s%}", "speaks", speaks,
		"home", ring_home(h->ring), "role",
		role_name(ring_role(h->ring)), "split",
		(int)ring_is_split(h->ring), "log", log, "entries",
		(json_int_t)audit_size(catalog_audit(h->catalog)), "head",
		(const char *)head.at, head.len),
	    f);
}

/* A further channel, for a peer of another kind. */
static int
peer(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct home_peer *p;
	struct channel *c = NULL;
	json_t *in, *about;
	uint64_t as;
	int ends[2] = { -1, -1 }, rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if ((p = mem_new(sizeof(*p))) == NULL) {
		json_decref(in);
		return fault_memory(f);
	}
	if (doc_number(in, "as", KEEPER_COURIER, &as, f) != 0 ||
	    doc_object(in, "about", &about, f) != 0)
		goto out;
	if (as == KEEPER_LISTENER && role_need(h, ROLE_OWNER, f) != 0)
		goto out;
	if (as != KEEPER_WORKER && as != KEEPER_LISTENER &&
	    as != KEEPER_COURIER) {
		(void)fault_set(f, FAULT_USAGE, "no such peer");
		goto out;
	}
	if (channel_pair(ends, f) != 0)
		goto out;
	p->branches = home_peer(a)->branches;
	p->about = json_incref(about);
	rc = channel_new(&c, ends[0], f);
	ends[0] = -1;
	if (rc == 0 && (rc = message_add_fd(a->answer, ends[1], f)) != 0)
		channel_free(c);
	if (rc == 0 && (rc = serve_add(a->serve, c, (uint32_t)as, p, f)) == 0)
		p = NULL; /* the serve's from here; home_leave() frees it */
	if (rc == 0)
		for (unsigned b = 0; b < RING_BRANCHES; b++)
			h->held[b] += (home_peer(a)->branches >> b) & 1;
out:
	if (p != NULL) {
		json_decref(p->about);
		mem_free(p);
	}
	file_close(&ends[0]);
	file_close(&ends[1]);
	json_decref(in);
	return rc == 0 ? home_out(a, json_object(), f) : -1;
}

const struct ask_row keeper_asks[] = {
	{ KEEPER_CREATE, "create", KEEPER_MAKER, home_create },
	{ KEEPER_WHO, "who", KEEPER_COMMAND, who },
	{ KEEPER_UNLOCK, "unlock", KEEPER_COMMAND, home_unlock },
	{ KEEPER_PEER, "peer", KEEPER_COMMAND, peer },
	{ KEEPER_CARD, "card", KEEPER_COMMAND | KEEPER_MAKER, card_show },
	{ KEEPER_OWNER_ADD, "owner add", KEEPER_COMMAND | KEEPER_MAKER,
	    owner_add },
	{ KEEPER_OWNERS, "owners", KEEPER_COMMAND, owner_list },
	{ KEEPER_VENDOR_ADD, "vendor add", KEEPER_COMMAND, vendor_add },
	{ KEEPER_VENDOR_CONFIRM, "vendor confirm", KEEPER_COMMAND,
	    vendor_confirm },
	{ KEEPER_VENDOR_CHANGE, "vendor change", KEEPER_COMMAND,
	    vendor_change },
	{ KEEPER_VENDORS, "vendors", KEEPER_COMMAND, vendor_list },
	{ KEEPER_AGREEMENT_ADD, "agreement add", KEEPER_COMMAND,
	    agreement_add },
	{ KEEPER_AGREEMENTS, "agreements", KEEPER_COMMAND, agreement_list },
	{ KEEPER_AGREEMENT_END, "agreement end", KEEPER_COMMAND,
	    agreement_end },
	{ KEEPER_COUNTRIES, "countries", KEEPER_COMMAND, law_list_countries },
	{ KEEPER_SUPPRESS_ADD, "suppress add", KEEPER_COMMAND, suppress_add },
	{ KEEPER_SUPPRESS_REMOVE, "suppress remove", KEEPER_COMMAND,
	    suppress_remove },
	{ KEEPER_SUPPRESSIONS, "suppressions", KEEPER_COMMAND, suppress_list },
	{ KEEPER_SUPPRESSED, "suppressed", KEEPER_WORKER, suppressed_tell },
	{ KEEPER_ERASE, "erase", KEEPER_COMMAND, subject_erase },
	{ KEEPER_RESTORATIONS, "restorations", KEEPER_COMMAND,
	    restorations_tell },
	{ KEEPER_ERASE_AGAIN, "erase again", KEEPER_COMMAND, erasures_repeat },
	{ KEEPER_HOLD_ADD, "hold add", KEEPER_COMMAND, hold_add },
	{ KEEPER_HOLDS, "holds", KEEPER_COMMAND, hold_list },
	{ KEEPER_HOLD_END, "hold end", KEEPER_COMMAND, hold_end },
	{ KEEPER_PERSON, "person", KEEPER_COMMAND, person_tell },
	{ KEEPER_HOLDINGS, "holdings", KEEPER_COMMAND, exposure_holdings },
	{ KEEPER_BATCHES, "batches", KEEPER_COMMAND, batch_list },
	{ KEEPER_BATCH_PAGE, "batch page", KEEPER_COMMAND, batch_page },
	{ KEEPER_BATCH_APPROVE, "batch approve", KEEPER_COMMAND,
	    batch_approve },
	{ KEEPER_BATCH_EXTEND, "batch extend", KEEPER_COMMAND, batch_extend },
	{ KEEPER_BATCH_WITHDRAW, "batch withdraw", KEEPER_COMMAND,
	    batch_withdraw },
	{ KEEPER_BATCH_SHRED, "batch shred", KEEPER_COMMAND, batch_shred },
	{ KEEPER_STOP, "stop", KEEPER_COMMAND, stop },
	{ KEEPER_RETURN_LIST, "return list", KEEPER_COMMAND, return_list },
	{ KEEPER_RETURN_WHOSE, "return whose", KEEPER_COMMAND, return_whose },
	{ KEEPER_RETURN_TAKE, "return take", KEEPER_COMMAND, return_take },
	{ KEEPER_INGEST_BEGIN, "ingest begin", KEEPER_COMMAND, ingest_begin },
	{ KEEPER_INGEST_VERIFY, "ingest verify", KEEPER_COMMAND,
	    ingest_verify },
	{ KEEPER_INGEST_DONE, "ingest done", KEEPER_COMMAND, ingest_done },
	{ KEEPER_RETURN_KEY, "return key", KEEPER_WORKER, return_key },
	/* in a vendor's home */
	{ KEEPER_FILE_KEY, "file key", KEEPER_WORKER, vendor_file_key },
	{ KEEPER_OPEN_SEALED, "open sealed", KEEPER_COMMAND,
	    vendor_open_sealed },
	{ KEEPER_SIGN_REQUEST, "sign request", KEEPER_COMMAND,
	    vendor_sign_request },
	{ KEEPER_SIGN_RETURN, "sign return", KEEPER_COMMAND,
	    vendor_sign_return },
	{ KEEPER_SIGN_RECEIVED, "sign acknowledgement", KEEPER_COMMAND,
	    vendor_sign_received },
	{ COURIER_IDENTITY, "courier", KEEPER_COURIER, vendor_courier },
	/* an agent's listener */
	{ AGENT_IDENTITY, "TLS key", KEEPER_LISTENER, door_identity },
	{ AGENT_WHO, "whose key", KEEPER_LISTENER, door_who },
	{ AGENT_NONCE, "nonce", KEEPER_LISTENER, door_nonce },
	{ AGENT_BATCHES, "batches", KEEPER_LISTENER, release_list },
	{ AGENT_RELEASE, "release", KEEPER_LISTENER, release_ask },
	{ AGENT_OBJECT, "object", KEEPER_LISTENER, door_object },
	{ AGENT_LOG, "log", KEEPER_LISTENER, door_log },
	{ AGENT_ACKNOWLEDGE, "acknowledge", KEEPER_LISTENER,
	    statement_received },
	{ AGENT_DELETION, "deletion", KEEPER_LISTENER, statement_deleted },
	{ AGENT_RETURN_PART, "part", KEEPER_LISTENER, arrival_part },
	{ AGENT_RETURN_PART_DONE, "part done", KEEPER_LISTENER, arrival_done },
	{ AGENT_RETURN_PART_DROP, "part drop", KEEPER_LISTENER, arrival_drop },
	{ AGENT_RETURN, "return", KEEPER_LISTENER, arrival_whole },
	{ AGENT_RETURN_STATE, "return state", KEEPER_LISTENER, arrival_state },
	{ KEEPER_STATUS, "status", KEEPER_COMMAND, home_status },
	{ KEEPER_ENTRIES, "entries", KEEPER_COMMAND, home_entries },
	{ KEEPER_SIDECAR, "sidecar", KEEPER_COMMAND, home_open_sidecar },
	{ KEEPER_PROVE, "prove", KEEPER_COMMAND, home_prove },
	{ KEEPER_CHECK, "check", KEEPER_COMMAND, home_check },
	{ KEEPER_OBJECTS, "objects", KEEPER_COMMAND, home_objects },
	{ KEEPER_BACKUP_COPY, "backup copy", KEEPER_COMMAND, home_backup_copy },
	{ KEEPER_BACKUP_MADE, "backup made", KEEPER_COMMAND, home_backup_made },
	{ KEEPER_RESTORED, "restored", KEEPER_COMMAND, home_restored },
	{ KEEPER_ROTATE, "rotate", KEEPER_COMMAND, home_rotate },
	{ KEEPER_BATCH_CHECK, "batch check", KEEPER_COMMAND, batch_check },
	{ KEEPER_BATCH_BEGIN, "batch begin", KEEPER_COMMAND, batch_begin },
	{ KEEPER_BATCH_SHARDS, "batch shards", KEEPER_COMMAND, batch_shards },
	{ KEEPER_SHARD_KEYS, "shard keys", KEEPER_COMMAND, batch_shard_keys },
	{ KEEPER_SHARD_SEALED, "shard sealed", KEEPER_COMMAND,
	    batch_shard_sealed },
	{ KEEPER_BATCH_SEAL, "batch seal", KEEPER_COMMAND, batch_seal },
	{ KEEPER_OFFLINE, "offline", KEEPER_COMMAND, batch_offline },
	{ KEEPER_OFFLINE_SHARDS, "offline shards", KEEPER_COMMAND,
	    batch_offline_shards },
	{ KEEPER_SENT, "sent", KEEPER_COMMAND, sent_hashes },
	{ KEEPER_SENT_KEY, "sent key", KEEPER_WORKER, sent_key },
	{ KEEPER_PLAN_APPROVE, "plan approve", KEEPER_COMMAND, plan_approve },
	{ KEEPER_REVEAL, "reveal", KEEPER_COMMAND, reveal_ask },
	{ KEEPER_WORKER_KEYS, "worker keys", KEEPER_WORKER, batch_worker_keys },
	{ 0, NULL, 0, NULL },
};

void
asks_speak(char out[SPEAKS_CHARS + 1])
{
	uint8_t sum[DIGEST_BYTES];
	char text[16384];
	size_t len = 0;

	for (const struct ask_row *r = keeper_asks; r->name != NULL; r++) {
		int n = snprintf(text + len, sizeof(text) - len, "%u %s\n",
		    (unsigned)r->code, r->name);

		must(n > 0 && (size_t)n < sizeof(text) - len);
		len += (size_t)n;
	}
	digest_of(sum, text, len);
	hex_write(out, sum, SPEAKS_CHARS / 2);
}
