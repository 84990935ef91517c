/*
 * What words mean.  The long lists are files in words/, whose README says where
 * they are from; the short ones, of what stands beside names, are here.
 * All words are folded: small letters, no accents.
 */

#include <string.h>

#include "policy/detect/word_internal.h"

#define LIST(name)                                                \
	__asm__(".section .rodata\n"                              \
		".global words_" #name "\n"                       \
		"words_" #name ":\n"                              \
		".incbin \"policy/detect/words/" #name ".txt\"\n" \
		".global words_" #name "_end\n"                   \
		"words_" #name "_end:\n"                          \
		".byte 0\n"                                       \
		".previous\n");                                   \
	extern const char words_##name[];                         \
	extern const char words_##name##_end[];

LIST(given)
LIST(surname)
LIST(place)
LIST(country)
LIST(common)

static const struct {
	const char *at, *end;
	uint32_t means;
} lists[] = {
	{ words_given, words_given_end, W_GIVEN },
	{ words_surname, words_surname_end, W_SURNAME },
	{ words_place, words_place_end, W_PLACE },
	{ words_country, words_country_end, W_COUNTRY },
	{ words_common, words_common_end, W_COMMON },
};

static const struct {
	uint32_t means;
	const char *words; /* blanks between */
} short_lists[] = {
	{ W_TITLE,
	    "mr mrs ms miss mx dr dra drs prof professor sir madam dame lord "
	    "rev reverend fr sr sra srta sres don dona senor senora senorita "
	    "doctor doctora herr frau fraulein hr fru pan pani monsieur "
	    "madame mademoiselle mme mlle dott dottor dottoressa sig signor "
	    "signora mevr mevrouw dhr meneer bay bayan ing capt lt col gen "
	    "sgt pte" },
	{ W_ROLE,
	    "patient patients paciente patientin pacjent pacjentka physician "
	    "surgeon nurse attending client customer colleague friend "
	    "brother sister mother father wife husband daughter son uncle "
	    "aunt cousin hermano hermana madre padre esposa esposo hija hijo "
	    "king queen prince princess president senator" },
	{ W_PARTICLE,
	    "van von der den de del della dello di da das dos do du la las "
	    "los le el al bin ibn ben abu ter ten te zu zum y e st saint mac "
	    "af av vom d o san santa dalla degli" },
	{ W_STREET,
	    "calle c avenida avda av avd paseo p plaza plza pza pl camino "
	    "carretera ctra ronda travesia glorieta urbanizacion urb poligono "
	    "barrio pasaje rua r rue boulevard bd allee chemin impasse quai "
	    "place route via viale corso piazza piazzale vicolo largo strada "
	    "ulica ul aleja al plac praca avinguda carrer passeig travessera "
	    "rambla gran parque cuesta costanilla alameda calzada bulevar" },
	{ W_STREET_END,
	    "street st road rd avenue ave lane ln drive dr boulevard blvd "
	    "court ct square sq terrace parkway pkwy highway hwy circle way "
	    "crescent close gardens mews grove row hill walk trail plaza "
	    "alley loop route strasse str weg gasse platz ring ufer damm "
	    "laan straat plein kade gracht gade vej vei veg gatan gata gate "
	    "tie katu kuja utca ter" },
	{ W_UNIT,
	    "apt apartment suite ste unit flat floor fl box room piso puerta "
	    "escalera esc bajo planta portal etage stock top stiege apto ap "
	    "bloque izda dcha" },
	{ W_ORG_END,
	    "ltd limited llc llp inc incorporated corp corporation plc co "
	    "company gmbh ag kg ohg ug se sa sl slu sas sarl srl spa bv nv ab "
	    "as oy oyj aps sro zrt kft ltda foundation bank insurance "
	    "logistics technologies technology solutions systems software "
	    "labs laboratories group holdings partners consulting media "
	    "capital ventures networks pharmaceuticals mutual" },
	{ W_ORG,
	    "hospital clinica clinic klinik klinikum krankenhaus hopital "
	    "clinique ospedale universidad university universitat universite "
	    "universita facultad instituto institute institut institucion "
	    "fundacion fundacio foundation complejo policlinica policlinico "
	    "ambulatorio residencia colegio school college academy academia "
	    "laboratorio laboratorios consorcio ministerio ministry servicio "
	    "departamento unidad seccion centro service department unit " },
	{ W_TIME,
	    "january february march april may june july august september "
	    "october november december monday tuesday wednesday thursday "
	    "friday saturday sunday enero febrero marzo abril mayo junio "
	    "julio agosto septiembre octubre noviembre diciembre lunes martes "
	    "miercoles jueves viernes sabado domingo januar februar marz mai "
	    "juni juli oktober dezember montag dienstag mittwoch donnerstag "
	    "freitag samstag sonntag janvier fevrier avril juin juillet aout "
	    "septembre octobre novembre decembre easter christmas am pm" },
	{ W_PEOPLE,
	    "american english british french german spanish italian dutch "
	    "chinese japanese indian african european asian mexican canadian "
	    "russian polish swedish danish norwegian finnish greek turkish "
	    "irish scottish welsh swiss austrian belgian portuguese "
	    "brazilian australian korean thai vietnamese arabic latin roman "
	    "christian jewish muslim catholic internet web google youtube "
	    "facebook english hispanic caucasian western eastern northern "
	    "southern i" },
	{ W_AT,
	    "in from near to at visit visited visiting into toward towards en "
	    "desde hacia hasta aus nach bei a" },
	{ W_SAY, "is es ist est was called heisst are had has said" },
	{ W_NAME,
	    "name names named nombre llamo llama llamado apellido apellidos "
	    "heisse nom appelle chiamo nome naam call calls" },
	{ W_ENGLISH,
	    "the and of is to my you with was that this for it are have has "
	    "on at by not your his her they what how please can will" },
	{ W_SPANISH,
	    "el los las un una que con por para se no su al del y como sin "
	    "mas en fue" },
	{ W_GERMAN,
	    "der die das und ist mit den dem ein eine nicht auf fur von zu "
	    "wurde sich bei ich wir" },
	{ W_OTHER,
	    "le les des et est une dans pour avec il che non per gli della "
	    "sono os uma com nao het een niet voor zijn" },
	{ W_ARMY, "dpo fpo apo psc usns uss usnv usnvv" },
	{ W_AND, "and y e und et" },
};

static int
add_word(struct words *w, const char *at, size_t len, uint32_t means,
    struct fault *f)
{
	uint32_t *v;

	if (len > 0 && *at == '~') {
		at++;
		len--;
		means |= (means & W_COUNTRY) != 0 ? W_COMMON : W_AMBIGUOUS;
	}
	if (len == 0)
		return 0;
	if ((v = words_put(w, at, len, f)) == NULL)
		return -1;
	*v |= means;
	return 0;
}

static int
add_list(struct words *w, const char *at, const char *end, char between,
    uint32_t means, struct fault *f)
{
	while (at < end) {
		const char *stop = memchr(at, between, (size_t)(end - at));

		if (stop == NULL)
			stop = end;
		if (add_word(w, at, (size_t)(stop - at), means, f) != 0)
			return -1;
		at = stop + 1;
	}
	return 0;
}

int
lexicon_make(struct words *out, struct fault *f)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (add_list(out, lists[i].at, lists[i].end, '\n',
			lists[i].means, f) != 0)
			return -1;
	for (size_t i = 0; i < sizeof(short_lists) / sizeof(short_lists[0]);
	     i++) {
		const char *w = short_lists[i].words;

		if (add_list(out, w, w + strlen(w), ' ', short_lists[i].means,
			f) != 0)
			return -1;
	}
	return 0;
}

void
lexicon_each(void (*add)(void *arg, const void *p, size_t n), void *arg)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		add(arg, lists[i].at, (size_t)(lists[i].end - lists[i].at));
	for (size_t i = 0; i < sizeof(short_lists) / sizeof(short_lists[0]);
	     i++)
		add(arg, short_lists[i].words, strlen(short_lists[i].words));
}
