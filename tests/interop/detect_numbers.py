"""Finds of `handoff detect` beside the verdicts of python3-stdnum.

usage: detect_numbers.py HANDOFF [SEED]

For each entity that both know, numbers are made by a template: wholly random
ones, and each of these with all its last digits, so that a tenth or more are
right.  Where the verdicts differ the rule of the table below must say why;
any other difference is printed, and the exit status is 1.
"""
import importlib
import json
import random
import subprocess
import sys

HANDOFF = sys.argv[1]
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
BODIES = 250        # random bodies a template, times its last characters
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def only(text):
    return "".join(c for c in text if c.isalnum())


def number(text, start, end):
    return int(only(text)[start:end])


# Why a verdict may differ: ours and theirs are booleans, why is the name of
# their refusal ("InvalidComponent") or None.
def never(text, ours, theirs, why):
    return False


def ours_is_wider(reason):
    """They refuse for one reason that we leave to the reader."""
    return lambda text, ours, theirs, why: ours and why == reason


def when(condition, ours_says):
    """Ours says so, theirs the opposite, and the number is of that kind."""
    return lambda text, ours, theirs, why: (
        ours == ours_says and condition(text))


def either(*rules):
    return lambda *a: any(rule(*a) for rule in rules)


def uk_55(text):
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 1)
    return sum(w * int(c) for w, c in zip(weights, text[2:])) % 97 == 55


# Entity: their module, template, why they may differ.  In a template d is a
# digit, M a month, D a day, L a letter, c a consonant, s a digit 1-8, h a
# character of Finland's alphabet, w of Ireland's; * ends it: all last
# characters of the kind that follows.  Others are themselves.
TABLE = [
    ("DE_TAX_ID", "de.idnr", "ddddddddddd", never),
    ("DE_VAT_ID", "de.vat", "'DEddddddddd", never),
    # They do not look at the date.
    ("AT_SSN", "at.vnr", "ddddddMMdd",
     when(lambda t: not (1 <= number(t, 4, 6) <= 31)
          or not (1 <= number(t, 6, 8) <= 15), False)),
    # They know the tax offices there are now.
    ("AT_TAX_NUMBER", "at.tin", "ddddddddd",
     ours_is_wider("InvalidComponent")),
    ("AT_VAT_ID", "at.uid", "'ATUdddddddd", never),
    ("CH_AHV", "ch.ssn", "756dddddddddd", never),
    ("CH_UID", "ch.uid", "'CHEddddddddd", never),
    # They know today's date, and take an impossible day for an unknown one.
    ("BE_NATIONAL_NUMBER", "be.nn", "ddMMDDddddd",
     either(when(lambda t: 20 < number(t, 0, 2) < 40, True),
            when(lambda t: number(t, 4, 6) > 28
                 or number(t, 2, 4) % 20 > 12
                 or number(t, 2, 4) > 52, False),
            when(lambda t: number(t, 6, 9) == 0, False))),
    # 97 is written 97, never 00, and what is missing to it is no 98 or 99.
    ("BE_VAT", "be.vat", "'BE0ddddddddd",
     when(lambda t: t[-2:] in ("00", "98", "99"), False)),
    ("NL_BSN", "nl.bsn", "ddddddddd", never),
    ("NL_VAT", "nl.btw", "'NLdddddddddB0d", never),
    ("LU_VAT", "lu.tva", "'LUdddddddd", never),
    # They take any first digit.
    ("FR_NIR", "fr.nir", "sddMMdddddddddd",
     when(lambda t: t[0] not in "123478"
          or 12 < number(t, 3, 5) < 20 or 42 < number(t, 3, 5) < 50
          or number(t, 3, 5) == 0, False)),
    # Their version 1.18 does not know the key.
    ("FR_TAX_ID", "fr.nif", "0dddddddddddd",
     when(lambda t: int(t[:10]) % 511 != int(t[10:]), False)),
    ("FR_SIREN", "fr.siren", "ddddddddd", never),
    ("FR_SIRET", "fr.siret", "dddddddddddddd", never),
    ("FR_VAT", "fr.tva", "'FRddddddddddd", never),
    ("ES_NIF", "es.dni", "ddddddddL", never),
    ("ES_NIE", "es.nie", "XdddddddL", never),
    # They take a letter or a digit of each kind of company.
    ("ES_CIF", "es.cif", "Adddddddd",
     when(lambda t: t[0] in "PQRSNWABEH", False)),
    ("ES_CIF", "es.cif", "QdddddddL",
     when(lambda t: t[0] in "PQRSNWABEH", False)),
    ("ES_CIF", "es.cif", "Jdddddddd", never),
    ("ES_VAT", "es.nif", "'ESddddddddL", never),
    # They take any first digit but 0.
    ("PT_NIF", "pt.nif", "ddddddddd",
     when(lambda t: t[0] in "47", False)),
    ("PT_VAT", "pt.nif", "'PTddddddddd", never),
    ("PT_CC", "pt.cc", "dddddddddLLd", never),
    ("IT_FISCAL_CODE", "it.codicefiscale", "LLLLLLddADDLdddL", never),
    ("IT_VAT_CODE", "it.iva", "ddddddd0ddd", never),
    ("MT_VAT", "mt.vat", "'MTdddddddd", never),
    ("UK_NHS", "gb.nhs", "dddddddddd", never),
    ("UK_UTR", "gb.utr", "dddddddddd", never),
    # Adding 55 leaves 42 of 97; a remainder of 55 is in no rule of HMRC.
    ("UK_VAT", "gb.vat", "'GBddddddddd", when(uk_55, False)),
    ("IE_PPSN", "ie.pps", "dddddddw", never),
    ("IE_VAT", "ie.vat", "'IEdddddddw", never),
    # Coordination numbers have a day 60 higher.
    ("SE_PERSONNUMMER", "se.personnummer", "'19ddMMDDdddd",
     when(lambda t: number(t, 6, 8) > 60, True)),
    # They take what may be a person's number.
    ("SE_ORGANISATIONSNUMMER", "se.orgnr", "dddddddddd",
     when(lambda t: t[2] < "2" or t[0] in "04", False)),
    ("SE_VAT", "se.vat", "'SEdddddddddd'01",
     when(lambda t: t[4] < "2" or t[2] in "04", False)),
    # Help and test numbers have other months; they know today's date.
    ("NO_FODSELSNUMMER", "no.fodselsnummer", "DDMMddddddd",
     when(lambda t: number(t, 2, 4) > 12
          or (number(t, 4, 6) < 40 and number(t, 6, 9) >= 500), True)),
    ("NO_ORGNR", "no.orgnr", "9dddddddd", never),
    ("NO_VAT", "no.mva", "'NO9dddddddd'MVA", never),
    # They know today's date.
    ("DK_CPR", "dk.cpr", "DDMMdd-dddd",
     ours_is_wider("InvalidComponent")),
    ("DK_VAT", "dk.cvr", "'DKdddddddd", never),
    # Serials from 900 are temporary.
    ("FI_PERSONAL_IDENTITY_CODE", "fi.hetu", "DDMMdd-dddh",
     when(lambda t: t[7] == "9", True)),
    ("FI_BUSINESS_ID", "fi.ytunnus", "ddddddd-d", never),
    ("FI_VAT", "fi.alv", "'FIdddddddd", never),
    # They know no one born in the nineteenth century.
    ("IS_KENNITALA", "is_.kennitala", "DDMMdddddd",
     when(lambda t: t[-1] == "8", True)),
    ("EE_ISIKUKOOD", "ee.ik", "sddMMDDdddd", never),
    ("EE_REGISTRIKOOD", "ee.registrikood", "1ddddddd", never),
    ("EE_VAT", "ee.kmkr", "'EEddddddddd", never),
    # They take companies there, and any digit for the century.
    ("LV_PERSONAS_KODS", "lv.pvn", "DDMMdd1dddd",
     when(lambda t: t[0] > "3" or t[6] > "2", False)),
    # Since 2017 numbers begin with 32.
    ("LV_VAT", "lv.pvn", "'LVddddddddddd",
     either(when(lambda t: t[2:4] == "32", True),
            when(lambda t: t[8] > "2", False))),
    ("LT_ASMENS_KODAS", "lt.asmens", "sddMMDDdddd", never),
    ("LT_VAT", "lt.pvm", "'LTddddddd1d", never),
    ("PL_PESEL", "pl.pesel", "ddMMDDddddd", never),
    ("PL_NIP", "pl.nip", "dddddddddd", never),
    ("PL_REGON", "pl.regon", "ddddddddd", never),
    ("PL_REGON", "pl.regon", "dddddddddddddd", never),
    ("PL_VAT", "pl.nip", "'PLdddddddddd", never),
    # Months 20 higher were given from 2004, the 0 for a 10 until 1985.
    ("CZ_BIRTH_NUMBER", "cz.rc", "ddMMDD/dddd",
     either(when(lambda t: number(t, 2, 4) % 50 > 20, False),
            when(lambda t: t[:2] == "85" and t[-1] == "0", True))),
    ("CZ_VAT", "cz.dic", "'CZdddddddd", never),
    ("CZ_VAT", "cz.dic", "'CZ6dddddddd", never),
    ("SK_BIRTH_NUMBER", "sk.rc", "ddMMDD/dddd",
     either(when(lambda t: number(t, 2, 4) % 50 > 20, False),
            when(lambda t: t[:2] == "85" and t[-1] == "0", True))),
    ("SK_VAT", "sk.dph", "'SKdddddddddd",
     when(lambda t: number(t, 4, 6) % 50 > 20, False)),
    ("HU_VAT", "hu.anum", "'HUdddddddd", never),
    ("SI_EMSO", "si.emso", "DDMM9dd50dddd", never),
    ("SI_VAT", "si.ddv", "'SIdddddddd", never),
    ("HR_OIB", "hr.oib", "ddddddddddd", never),
    ("RS_PIB", "rs.pib", "ddddddddd",
     when(lambda t: t[0] == "0", False)),
    # They do not look at the county.
    ("RO_CNP", "ro.cnp", "sddMMDDdddddd",
     when(lambda t: not (1 <= number(t, 7, 9) <= 48)
          and number(t, 7, 9) not in (51, 52, 70, 80, 81, 82, 83), False)),
    ("RO_CUI", "ro.cui", "dddddddd", never),
    ("RO_VAT", "ro.cf", "'ROdddddddd", never),
    ("BG_EGN", "bg.egn", "ddMMDDdddd", never),
    ("BG_LNCH", "bg.pnf", "dddddddddd", never),
    ("BG_VAT", "bg.vat", "'BGddddddddd", never),
    ("BG_VAT", "bg.vat", "'BGdddddddddd", never),
    ("GR_AFM", "gr.vat", "ddddddddd", never),
    ("GR_AMKA", "gr.amka", "DDMMddddddd", never),
    ("CY_VAT", "cy.vat", "'CYddddddddL", never),
    ("TR_NATIONAL_ID", "tr.tckimlik", "ddddddddddd", never),
    ("TR_TAX_NUMBER", "tr.vkn", "dddddddddd", never),
    ("IL_ID_NUMBER", "il.idnr", "ddddddddd", never),
    ("UA_RNTRC", "ua.rntrc", "dddddddddd", never),
    # Where both rows of weights make 10 the digit is 0.
    ("UA_EDRPOU", "ua.edrpou", "dddddddd",
     when(lambda t: t[-1] == "0", True)),
    ("RU_INN", "ru.inn", "dddddddddd", never),
    ("RU_INN", "ru.inn", "dddddddddddd", never),
    ("US_SSN", "us.ssn", "ddd-dd-dddd", never),
    # Groups 50-65 and 90-99 were given out later.
    ("US_ITIN", "us.itin", "9dd-dd-dddd",
     when(lambda t: 50 <= int(t[4:6]) <= 65 or int(t[4:6]) >= 88, True)),
    ("US_EIN", "us.ein", "dd-ddddddd", never),
    ("ABA_ROUTING_NUMBER", "us.rtn", "0dddddddd", never),
    # 0 and 8 are not given to people.
    ("CA_SIN", "ca.sin", "ddddddddd",
     when(lambda t: t[0] in "08", False)),
    ("CA_BUSINESS_NUMBER", "ca.bn", "ddddddddd'RC0001", never),
    ("BR_CPF", "br.cpf", "ddddddddddd", never),
    ("BR_CNPJ", "br.cnpj", "dddddddddddddd", never),
    ("MX_CURP", "mx.curp", "LLLLddMMDD'HDFccc0d", never),
    ("AR_CUIT", "ar.cuit", "20ddddddddd", never),
    ("CL_RUT", "cl.rut", "dddddddd-d", never),
    ("CO_NIT", "co.nit", "ddddddddd-d", never),
    ("PE_RUC", "pe.ruc", "20ddddddddd", never),
    ("IN_AADHAAR", "in_.aadhaar", "dddddddddddd", never),
    ("IN_VOTER", "in_.epic", "LLLddddddd", never),
    ("SG_UEN", "sg.uen", "ddddddddL", never),
    ("SG_UEN", "sg.uen", "201ddddddL", never),
    ("MY_NRIC", "my.nric", "ddMMDDdddddd",
     ours_is_wider("InvalidComponent")),
    # They do not look at the province.
    ("TH_TNIN", "th.pin", "1dddddddddddd",
     when(lambda t: number(t, 1, 3) < 10
          or number(t, 1, 3) in (28, 29, 59, 68, 69, 78, 79, 87, 88, 89)
          or number(t, 1, 3) > 96, False)),
    ("KR_RRN", "kr.rrn", "ddMMDD1dddddd", never),
    # Their version 1.18 does not know the check digit.
    ("KR_BRN", "kr.brn", "ddd81ddddd",
     lambda text, ours, theirs, why: theirs and not ours),
    ("JP_CORPORATE_NUMBER", "jp.cn", "ddddddddddddd", never),
    ("CN_RESIDENT_ID", "cn.ric", "11010519ddMMDDdddd", never),
    ("CN_USCC", "cn.uscc", "91110000dddddddddd", never),
    # A multiple of five is enough since 2023; theirs is of ten.
    ("TW_UBN", "tw.ubn", "dddddddd", ours_is_wider("InvalidChecksum")),
    ("AU_ABN", "au.abn", "ddddddddddd", never),
    ("AU_ACN", "au.acn", "ddddddddd", never),
    ("AU_TFN", "au.tfn", "ddddddddd", never),
    ("NZ_IRD", "nz.ird", "ddddddddd", never),
    ("ZA_ID_NUMBER", "za.idnr", "ddMMDDdddd08d", never),
    ("ZA_TAX_NUMBER", "za.tin", "dddddddddd", never),
]

# What no check digit proves: there a plausible number is a right one.
UNPROVEN = {"US_SSN", "US_ITIN", "US_EIN", "MY_NRIC", "DK_CPR"}

KINDS = {
    "d": DIGITS, "L": LETTERS, "s": "12345678",
    "c": "BCDFGHJKLMNPQRSTVWXYZ",
    "h": "0123456789ABCDEFHJKLMNPRSTUVWXY",
    "w": "WABCDEFGHIJKLMNOPQRSTUV",
}
MONTHS = 3 * list(range(1, 13)) + [0, 13, 20, 21, 32, 41, 52, 53, 72, 81]
DAYS = 2 * list(range(1, 32)) + [0, 32, 41, 61, 71]


def parts(template):
    """The template as a list of what one character, or two, may be."""
    out, at = [], 0
    while at < len(template):
        if template[at] == "'":         # the letters that follow, as they are
            at += 1
            while at < len(template) and template[at] not in DIGITS \
                    and template[at].isupper():
                out.append(template[at])
                at += 1
        elif template.startswith("MM", at):
            out.append(["%02d" % m for m in MONTHS])
            at += 2
        elif template.startswith("DD", at):
            out.append(["%02d" % d for d in DAYS])
            at += 2
        else:
            out.append(KINDS.get(template[at], template[at]))
            at += 1
    return out


def numbers(template, rng):
    """Random numbers, each with every character in its last free place."""
    pieces = parts(template)
    last = max(i for i, p in enumerate(pieces) if len(p) > 1)
    for _ in range(BODIES):
        body = [rng.choice(p) for p in pieces]
        for c in pieces[last]:
            body[last] = c
            yield "".join(body)


def ours(entity, texts):
    """Whether the whole of each text is found, and its check digit right."""
    out = subprocess.run(
        [HANDOFF, "detect", "--entities", entity, "--explain",
         "--jsonl", "text"], check=True, text=True, capture_output=True,
        input="".join(json.dumps({"text": t}) + "\n" for t in texts)).stdout
    records = [json.loads(line) for line in out.splitlines()]
    assert [r["record"] for r in records] == list(range(1, len(texts) + 1))
    return [any(s["start"] == 0 and s["end"] == len(t)
                and (s["checksum"] or entity in UNPROVEN)
                for s in r["spans"])
            for t, r in zip(texts, records)]


def main():
    rng = random.Random(SEED)
    bad = total = right = explained = 0
    for entity, module, template, reason in TABLE:
        known = importlib.import_module("stdnum." + module)
        texts = list(numbers(template, rng))
        both = 0
        for text, mine in zip(texts, ours(entity, texts)):
            try:
                known.validate(text)
                why = None
            except Exception as refusal:        # theirs are many
                why = type(refusal).__name__
            theirs = why is None
            total += 1
            both += mine and theirs
            if mine == theirs:
                continue
            if reason(text, mine, theirs, why):
                explained += 1
                continue
            bad += 1
            if bad <= 20:
                print(f"{entity} {text}: ours {mine}, {module} {why or True}")
        right += both
        if both == 0:
            print(f"{entity}: no number of {template} is right to both")
            bad += 1
    print(f"{total} numbers of {len(TABLE)} kinds, {right} right to both, "
          f"{explained} differ as the table says, {bad} otherwise")
    sys.exit(bad != 0)


main()
