/*
 * All tables of recognisers.  A new file of rows adds two lines here.
 */

#include "policy/detect/recogniser_internal.h"

#define DECLARE(name)                                        \
	extern const struct recogniser recognisers_##name[]; \
	extern const size_t recognisers_##name##_count

DECLARE(net);
DECLARE(money);
DECLARE(phone);
DECLARE(time);
DECLARE(secret);
DECLARE(words);
DECLARE(germany);
DECLARE(alps);
DECLARE(benelux);
DECLARE(france);
DECLARE(iberia);
DECLARE(italy);
DECLARE(isles);
DECLARE(nordic);
DECLARE(baltic);
DECLARE(central);
DECLARE(balkan);
DECLARE(levant);
DECLARE(america);
DECLARE(latin);
DECLARE(south);
DECLARE(east);
DECLARE(oceania);

#define TABLE(name)                                             \
	{                                                       \
		recognisers_##name, &recognisers_##name##_count \
	}

const struct recogniser_table recogniser_tables[] = {
	TABLE(net),
	TABLE(money),
	TABLE(phone),
	TABLE(time),
	TABLE(secret),
	TABLE(words),
	TABLE(germany),
	TABLE(alps),
	TABLE(benelux),
	TABLE(france),
	TABLE(iberia),
	TABLE(italy),
	TABLE(isles),
	TABLE(nordic),
	TABLE(baltic),
	TABLE(central),
	TABLE(balkan),
	TABLE(levant),
	TABLE(america),
	TABLE(latin),
	TABLE(south),
	TABLE(east),
	TABLE(oceania),
};
const size_t recogniser_tables_count =
    sizeof(recogniser_tables) / sizeof(recogniser_tables[0]);
