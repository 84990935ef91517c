/* What identifies somebody on a network: addresses of mail, sites, machines. */

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "policy/detect/generic_internal.h"

/* ---- E-mail and host names ---- */

/* The last label of a host name, lower case; "" when it is too long. */
static void
last_label(char out[24], const char *text, size_t len)
{
	size_t from = len;

	out[0] = '\0';
	while (from > 0 && text[from - 1] != '.')
		from--;
	if (len - from >= 24)
		return;
	for (size_t i = from; i < len; i++)
		out[i - from] =
		    (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32
							    : text[i]);
	out[len - from] = '\0';
}

/* Top level domains (IANA root zone): of countries, and the generic ones that
 * are in common use; both in the order of the alphabet. */
static const char countries[] =
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh "
    "bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr "
    "cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo "
    "fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr "
    "ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr "
    "kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn "
    "mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz "
    "om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc "
    "sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj "
    "tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf "
    "ws ye yt za zm zw ";
static const char *const domains[] = { "academy", "aero", "agency", "amsterdam",
	"app", "arpa", "art", "asia", "bank", "barcelona", "bayern", "berlin",
	"biz", "blog", "brussels", "bzh", "care", "cat", "center", "click",
	"clinic", "cloud", "club", "com", "company", "consulting", "coop",
	"corsica", "cymru", "dental", "design", "dev", "digital", "doctor",
	"edu", "education", "email", "eus", "example", "finance", "fun", "gal",
	"global", "gmbh", "gov", "group", "hamburg", "health", "healthcare",
	"home", "hospital", "inc", "info", "insurance", "int", "internal",
	"invalid", "jobs", "koeln", "lan", "law", "legal", "life", "link",
	"live", "llc", "local", "localhost", "london", "ltd", "madrid", "media",
	"mil", "mobi", "museum", "name", "net", "network", "news", "nyc", "one",
	"online", "org", "page", "paris", "pharmacy", "post", "pro", "school",
	"scot", "services", "shop", "site", "social", "solutions", "space",
	"store", "studio", "support", "swiss", "systems", "team", "tech", "tel",
	"test", "today", "tokyo", "top", "travel", "university", "wales", "web",
	"webcam", "website", "wien", "wiki", "world", "xyz", "zone" };

/* Words that follow a point without being a domain: names of files. */
static const char *const files[] = { "py", "rs", "sh", "pl", "cc", "md", "ps",
	"so", "js", "ts", "mp", NULL };

static bool
is_file(const char *ending)
{
	for (size_t i = 0; files[i] != NULL; i++)
		if (strcmp(ending, files[i]) == 0)
			return true;
	return false;
}

static int
by_letters(const void *word, const void *cell)
{
	return memcmp(word, cell, 2);
}

static int
by_word(const void *word, const void *cell)
{
	return strcmp(word, *(const char *const *)cell);
}

/* A text may ask for every end of what looks like one address. */
static bool
is_domain(const char *text, size_t len)
{
	char tld[24];

	last_label(tld, text, len);
	if (strlen(tld) == 2)
		return bsearch(tld, countries, sizeof(countries) / 3, 3,
			   by_letters) != NULL;
	return bsearch(tld, domains, sizeof(domains) / sizeof(domains[0]),
		   sizeof(domains[0]), by_word) != NULL;
}

static bool
valid_email(const char *text, size_t len)
{
	const char *at = memchr(text, '@', len);

	if (at == NULL || at == text || at[-1] == '.' || text[0] == '.')
		return false;
	return is_domain(at + 1, len - (size_t)(at + 1 - text));
}

static bool
valid_url(const char *text, size_t len)
{
	const char *host, *end = text + len, *stop;

	if (len < 4 || text[len - 1] == '.' || text[len - 1] == ',')
		return false;
	for (host = text; host + 3 < end; host++)
		if (memcmp(host, "://", 3) == 0)
			break;
	host = host + 3 < end ? host + 3 : text;
	for (stop = host; stop < end && strchr("/?#:", *stop) == NULL; stop++)
		if (*stop == '@')
			host = stop + 1;
	return is_domain(host, (size_t)(stop - host));
}

/* Without a scheme: not the name of a file, nor the end of a sentence without a
 * blank behind it. */
static bool
valid_host(const char *text, size_t len)
{
	const char *stop = memchr(text, '/', len);
	size_t host = stop == NULL ? len : (size_t)(stop - text);
	char tld[24];

	if (text[len - 1] == '.' || text[len - 1] == ',')
		return false;
	last_label(tld, text, host);
	if (host > strlen(tld) + 1 && text[host - strlen(tld)] != tld[0] &&
	    text[0] >= 'a')
		return false;
	return is_domain(text, host) && !is_file(tld);
}

/* scheme://user:secret@host: the part before @. */
static bool
valid_login(const char *text, size_t len)
{
	return text[len - 1] == '@';
}

static const char *const email_patterns[] = {
	"[a-z0-9][a-z0-9._%+'\\-]{0,63}@(?:[a-z0-9\\-]{1,63}\\.){1,8}[a-z]{2,"
	"24}",
	"[a-z0-9À-ɏ][a-z0-9À-ɏ._%+'\\-]{0,63}@(?:[a-z0-9À-ɏ\\-]{1,40}\\.){1,6}["
	"a-z]{2,24}",
	NULL
};
static const char *const email_context[] = { "email", "mail", "e mail",
	"correo", "correo electronico", "courriel", "mel", "contact",
	"contacto", "kontakt", "posta", "eposta", "e posta",
	"электронная почта", NULL };
static const char *const url_patterns[] = {
	"(?:https?|ftp|sftp)://[^\\s<>\"'`{}|\\\\^\\[\\]]{3,500}", NULL
};
static const char *const host_patterns[] = {
	"(?:www\\.)?(?:[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?\\.){1,6}[a-z]{2,"
	"24}(?:/[^\\s<>\"'`{}|\\\\^\\[\\]]{0,300})?",
	NULL
};
static const char *const url_context[] = { "url", "website", "web", "site",
	"homepage", "page", "link", "sitio", "pagina", "webseite", NULL };
static const char *const login_patterns[] = {
	"[a-z][a-z0-9+.\\-]{1,15}://[^\\s<>\"'`{}|\\\\^\\[\\]@/]{1,200}@", NULL
};

/* ---- Addresses of machines ---- */

/* The address without a zone and a prefix's length, for inet_pton(). */
static bool
parse_ip(const char *text, size_t len, int family, uint8_t out[16])
{
	char copy[64];
	size_t n = 0, most = family == AF_INET ? 32 : 128;

	while (n < len && text[n] != '/' && text[n] != '%')
		n++;
	if (n >= sizeof(copy))
		return false;
	memcpy(copy, text, n);
	copy[n] = '\0';
	while (n < len && text[n] != '/')
		n++;
	if (n < len) {
		size_t bits = 0;

		for (n++; n < len; n++)
			bits = bits * 10 + (size_t)(text[n] - '0');
		if (bits > most)
			return false;
	}
	return inet_pton(family, copy, out) == 1;
}

static bool
valid_ip4(const char *text, size_t len)
{
	uint8_t out[16];

	return parse_ip(text, len, AF_INET, out);
}

/* The address of nobody, ::, is scored by a row of its own. */
static bool
valid_ip6(const char *text, size_t len)
{
	static const uint8_t nobody[16];
	uint8_t out[16];

	return parse_ip(text, len, AF_INET6, out) &&
	       (memcmp(out, nobody, 16) != 0 || len > 6);
}

static bool
valid_nobody(const char *text, size_t len)
{
	uint8_t out[16];

	return parse_ip(text, len, AF_INET6, out);
}

static const char *const ip4_patterns[] = {
	"\\d{1,3}(?:\\.\\d{1,3}){3}(?:/\\d{1,2})?", NULL
};
static const char *const ip6_patterns[] = {
	"[0-9a-f]{1,4}:[0-9a-f:]{1,40}(?:\\d{1,3}(?:\\.\\d{1,3}){3})?(?:%[a-z0-"
	"9]{1,16})?(?:/\\d{1,3})?",
	"::[0-9a-f][0-9a-f:]{0,36}(?:\\d{1,3}(?:\\.\\d{1,3}){3})?(?:%[a-z0-9]{"
	"1,16})?(?:/\\d{1,3})?",
	"::(?:\\d{1,3}(?:\\.\\d{1,3}){3})(?:/\\d{1,3})?", NULL
};
static const char *const nobody_patterns[] = { "::(?:/\\d{1,3})?", NULL };
static const char *const ip_context[] = { "ip", "ipv4", "ipv6", "address",
	"host", "server", "client", "login", "from", "subnet", "direccion ip",
	NULL };

/* All the separators of one address are the same. */
static bool
valid_mac(const char *text, size_t len)
{
	char sign = 0;

	for (size_t i = 0; i < len; i++) {
		if (strchr(":-.", text[i]) == NULL)
			continue;
		if (sign != 0 && text[i] != sign)
			return false;
		sign = text[i];
	}
	return true;
}

static const char *const mac_patterns[] = {
	"[0-9a-f]{2}(?:[:\\-][0-9a-f]{2}){5}",
	"[0-9a-f]{4}(?:\\.[0-9a-f]{4}){2}", NULL
};
static const char *const mac_context[] = { "mac", "ethernet", "hardware",
	"hwaddr", "wifi", "bluetooth", "bssid", "device", NULL };

/* ---- Things that stand for one person ---- */

static const char *const uuid_patterns[] = {
	"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{"
	"12}",
	NULL
};
static const char *const uuid_context[] = { "user", "userid", "uid", "account",
	"customer", "patient", "subject", "person", "member", "session",
	"device", "advertising", "idfa", "gaid", "guid", NULL };
static const char *const handle_patterns[] = { "@[a-z0-9_]{3,30}", NULL };
static const char *const handle_context[] = { "twitter", "instagram",
	"telegram", "tiktok", "handle", "username", "user", "follow",
	"mastodon", "github", NULL };

const struct recogniser recognisers_net[] = {
	{ "EMAIL_ADDRESS", "", email_patterns, valid_email, email_context, 50,
	    100, false, "RFC 5322 3.4.1, RFC 6531" },
	{ "URL", "", url_patterns, valid_url, url_context, 60, 70, false,
	    "RFC 3986" },
	{ "URL", "", host_patterns, valid_host, url_context, 50, 50, false,
	    "RFC 1034 3.5; IANA root zone" },
	{ "URL_CREDENTIALS", "", login_patterns, valid_login, NULL, 80, 80,
	    false, "RFC 3986 3.2.1" },
	{ "IP_ADDRESS", "", ip4_patterns, valid_ip4, ip_context, 60, 60, false,
	    "RFC 791; RFC 4632" },
	{ "IP_ADDRESS", "", ip6_patterns, valid_ip6, ip_context, 60, 60, false,
	    "RFC 4291 2.2; RFC 4007 11" },
	{ "IP_ADDRESS", "", nobody_patterns, valid_nobody, NULL, 10, 10, false,
	    "RFC 4291 2.5.2" },
	{ "MAC_ADDRESS", "", mac_patterns, valid_mac, mac_context, 60, 60,
	    false, "IEEE 802-2014 8" },
	{ "UUID", "", uuid_patterns, NULL, uuid_context, 30, 30, true,
	    "RFC 9562 4" },
	{ "USERNAME", "", handle_patterns, NULL, handle_context, 30, 30, true,
	    "" },
};
const size_t recognisers_net_count =
    sizeof(recognisers_net) / sizeof(recognisers_net[0]);
