/*
 * The words.  One row a meaning and language family; alternatives between bars,
 * in small letters without accents, words of one name written together.
 */

#include "policy/names/names_internal.h"

const struct name_row name_rows[] = {
	{ NAME_PERSON, "name|fullname|firstname|lastname|surname|givenname|"
		       "middlename|familyname|forename|maidenname|nickname|"
		       "initials|contactname|customername|patientname|"
		       "displayname|realname|fname|lname|mothername" },
	{ NAME_PERSON, "vorname|nachname|familienname|geburtsname|rufname|"
		       "ansprechpartner|namen|achternaam|voornaam|naam|"
		       "voorletters|tussenvoegsel" },
	{ NAME_PERSON, "nom|prenom|nomfamille|nomdefamille|nomprenom|nombre|"
		       "apellido|apellidos|nombrecompleto|cognome|nome|"
		       "nomecompleto|sobrenome|apelido" },
	{ NAME_PERSON, "imie|nazwisko|imienazwisko|fornamn|efternamn|namn|"
		       "fornavn|etternavn|navn|efternavn|etunimi|sukunimi|"
		       "jmeno|prijmeni" },
	{ NAME_EMAIL, "email|emailaddress|mail|mailaddress|contactemail|"
		      "emailadresse|mailadresse|emailadres|courriel|"
		      "adresseemail|adressemail|correo|correoelectronico|"
		      "postaelettronica|epost|adresmail|adresemail" },
	{ NAME_PHONE, "phone|phonenumber|phoneno|telephone|telephonenumber|"
		      "tel|telno|mobile|mobilephone|mobilenumber|cell|"
		      "cellphone|fax|faxnumber|faxno|msisdn|phonehome|"
		      "whatsapp|landline" },
	{ NAME_PHONE, "telefon|telefonnummer|handy|handynummer|mobil|"
		      "mobilnummer|rufnummer|festnetz|telefoon|"
		      "telefoonnummer|mobiel|portable|numerotelephone|"
		      "numerodetelephone|telefono|movil|celular|cellulare|"
		      "telefone|telemovel|numertelefonu|telefonnr|"
		      "mobilnr|puhelin|puhelinnumero" },
	{ NAME_STREET, "address|streetaddress|street|streetname|addressline|"
		       "addressline1|addressline2|address1|address2|"
		       "homeaddress|postaladdress|housenumber|houseno|"
		       "mailingaddress|billingaddress|shippingaddress|addr" },
	{ NAME_STREET, "adresse|strasse|strassenname|hausnummer|hausnr|"
		       "anschrift|wohnort|adres|straat|straatnaam|huisnummer|"
		       "rue|voie|domicile|direccion|calle|domicilio|indirizzo|"
		       "via|endereco|rua|morada|ulica|adress|gata|gatuadress|"
		       "vej|gate|osoite" },
	{ NAME_NATIONAL, "ssn|socialsecuritynumber|socialsecurity|"
			 "socialsecurityno|nationalid|nationalidnumber|"
			 "nationalinsurancenumber|nino|taxid|taxnumber|tin|"
			 "passport|passportnumber|passportno|idcard|"
			 "idcardnumber|identitycard|nhsnumber|nhs|sin|itin" },
	{ NAME_NATIONAL,
	    "steuerid|steuernummer|steueridentifikationsnummer|"
	    "sozialversicherungsnummer|svnummer|svnr|personalausweis|"
	    "ausweisnummer|personalausweisnummer|reisepass|"
	    "reisepassnummer|bsn|burgerservicenummer|sofinummer|nir|"
	    "numerosecu|numerosecuritesociale|numerodesecuritesociale|nif|"
	    "dni|nie|codicefiscale|cf|cpf|nus|pesel|personnummer|"
	    "fodselsnummer|cprnummer|cpr|henkilotunnus|hetu|rodnecislo|"
	    "ahvnummer|ahv|passnummer|paspoort|pasaporte|passaporto" },
	{ NAME_RECORD, "mrn|medicalrecordnumber|medicalrecordno|recordnumber|"
		       "chartnumber|healthplan|healthplannumber|insuranceid|"
		       "insurancenumber|policynumber|beneficiarynumber|"
		       "memberid|membernumber|medicaid|medicare|"
		       "versichertennummer|versicherungsnummer|"
		       "krankenversicherungsnummer|kvnr|fallnummer|aktennummer|"
		       "aktenzeichen|polisnummer|numerodossier" },
	{ NAME_ACCOUNT, "iban|accountnumber|accountno|account|bankaccount|"
			"bankaccountnumber|bic|swift|sortcode|routingnumber|"
			"kontonummer|konto|kontonr|bankverbindung|"
			"rekeningnummer|rekening|numerodecompte|rib|"
			"cuentabancaria|numerodecuenta|contocorrente" },
	{ NAME_CARD, "creditcard|creditcardnumber|cardnumber|cardno|card|"
		     "ccnumber|ccn|pan|debitcard|paymentcard|cvv|cvc|"
		     "kreditkarte|kreditkartennummer|kartennummer|"
		     "creditkaart|cartebancaire|numerodecarte|tarjeta|"
		     "numerodetarjeta|cartadicredito" },
	{ NAME_LICENCE, "driverslicense|driverslicence|driverlicense|"
			"driverlicence|drivinglicence|drivinglicense|"
			"licensenumber|licencenumber|licenseno|licence|license|"
			"certificatenumber|npi|dea|fuhrerschein|"
			"fuehrerschein|fuhrerscheinnummer|rijbewijs|permis|"
			"permisdeconduire|carnetdeconducir|patente" },
	{ NAME_VEHICLE, "vin|licenseplate|licenceplate|plate|platenumber|"
			"numberplate|registrationplate|vehicleid|"
			"kennzeichen|kfzkennzeichen|fahrgestellnummer|fin|"
			"kenteken|immatriculation|plaque|matricula|targa" },
	{ NAME_DEVICE, "deviceid|device|deviceserial|serialnumber|serialno|"
		       "serial|imei|imsi|meid|udid|idfa|adid|gaid|macaddress|"
		       "mac|useragent|fingerprint|browserfingerprint|"
		       "cookieid|cookie|sessionid|session|implantid|"
		       "geratenummer|seriennummer|numerodeserie|serienummer" },
	{ NAME_URL, "url|uri|website|homepage|link|href|webpage|profileurl|"
		    "webseite|siteweb|sitioweb|referrer|referer" },
	{ NAME_IP, "ip|ipaddress|ipaddr|ipv4|ipv6|clientip|remoteaddr|"
		   "remoteip|sourceip|ipadresse|adresseip|direccionip" },
	{ NAME_USER, "username|user|login|loginname|handle|screenname|"
		     "twitter|instagram|facebook|skype|linkedin|accountname|"
		     "benutzername|benutzer|gebruikersnaam|gebruiker|"
		     "utilisateur|nomutilisateur|usuario|utente|nomeutente|"
		     "author|sender|from|recipient|to|cc|bcc|replyto|"
		     "createdby|updatedby|modifiedby|assignee|agent|"
		     "speaker|participant|owner" },
	{ NAME_BIOMETRIC, "biometric|biometrics|fingerprintdata|retina|iris|"
			  "voiceprint|faceembedding|faceencoding|embedding|"
			  "faceid|biometrie" },
	{ NAME_SECRET, "password|passwd|pwd|passwordhash|secret|apikey|"
		       "apitoken|accesstoken|refreshtoken|token|authtoken|"
		       "privatekey|pin|pincode|pinnumber|otp|salt|passwort|"
		       "kennwort|wachtwoord|motdepasse|contrasena|"
		       "securityanswer|signature|hash" },
	{ NAME_BIRTH, "born|dob|birthdate|birthday|birthdt|dateofbirth|bornon|"
		      "birth|yearofbirth|birthyear|yob|bday|birthmonth" },
	{ NAME_BIRTH, "geburtsdatum|gebdat|geboren|geburtstag|gebdatum|"
		      "geburtsjahr|geboortedatum|geboortejaar|datenaissance|"
		      "datedenaissance|anneenaissance|naissance|"
		      "fechanacimiento|fechadenacimiento|nacimiento|"
		      "datanascita|datadinascita|nascita|datanascimento|"
		      "datadenascimento|dataurodzenia|fodelsedatum|"
		      "fodselsdato|fodselsdag|syntymaaika|datumnarozeni" },
	{ NAME_AGE, "age|ageyears|ageinyears|ageatvisit|patientage|alter|"
		    "lebensalter|leeftijd|edad|eta|idade|wiek|alder|ika|vek" },
	{ NAME_DATE, "date|datetime|timestamp|time|ts|createdat|updatedat|"
		     "created|updated|modified|deletedat|startdate|enddate|"
		     "admission|admissiondate|admitted|admitdate|discharge|"
		     "dischargedate|discharged|visitdate|visit|visited|seen|"
		     "encounterdate|orderdate|purchasedate|eventdate|"
		     "deathdate|dateofdeath|dod|died|deceased|hiredate|"
		     "joined|joindate|since|day|month|year|sentat|"
		     "receivedat|at|signup|registered|registrationdate|"
		     "lastlogin|lastseen|when|expiry|validuntil" },
	{ NAME_DATE, "datum|zeitstempel|uhrzeit|zeit|aufnahme|aufnahmedatum|"
		     "entlassung|entlassungsdatum|eintritt|eintrittsdatum|"
		     "todesdatum|sterbedatum|jahr|monat|opnamedatum|"
		     "ontslagdatum|tijdstip|dateheure|horodatage|"
		     "dateadmission|datesortie|fecha|fechaingreso|hora|data|"
		     "dataora|dato|tidspunkt|paiva|paivamaara|rok" },
	{ NAME_POSTCODE, "postcode|postalcode|zip|zipcode|zip5|zip4|zip3|"
			 "postleitzahl|plz|codepostal|cp|codigopostal|cap|"
			 "codicepostale|kodpocztowy|postnummer|postnr|"
			 "postinumero|psc|eircode" },
	{ NAME_CITY, "city|town|village|suburb|district|municipality|place|"
		     "placeofbirth|birthplace|locality|county|ort|stadt|"
		     "gemeinde|geburtsort|stad|plaats|woonplaats|gemeente|"
		     "ville|commune|lieudenaissance|ciudad|municipio|"
		     "localidad|citta|comune|cidade|miasto|kommun|kommune|"
		     "kaupunki|mesto|location|neighbourhood|neighborhood" },
	{ NAME_REGION, "state|province|region|statecode|bundesland|kanton|"
		       "canton|provincie|departement|provincia|"
		       "comunidad|regione|estado|wojewodztwo|lan|fylke" },
	{ NAME_COUNTRY, "country|countrycode|nation|land|pays|pais|paese|"
			"kraj|staat|countryname|landcode" },
	{ NAME_LATITUDE, "lat|latitude|breitengrad|breite|latitud|"
			 "latitudine|gpslat" },
	{ NAME_LONGITUDE, "lon|lng|long|longitude|langengrad|laenge|longitud|"
			  "longitudine|gpslon|gpslng" },
	{ NAME_SEX, "sex|gender|geschlecht|geslacht|sexe|genre|sexo|genero|"
		    "sesso|genere|plec|kon|kjonn|sukupuoli|salutation|"
		    "anrede|civilite|pohlavi" },
	{ NAME_MARITAL, "maritalstatus|marital|married|familienstand|"
			"burgerlijkestaat|situationfamiliale|estadocivil|"
			"statocivile|children|numberofchildren|dependents|"
			"householdsize|kinder|anzahlkinder" },
	{ NAME_NATIONALITY, "nationality|citizenship|nativecountry|"
			    "staatsangehorigkeit|nationalitat|"
			    "nationaliteit|nationalite|nacionalidad|"
			    "nazionalita|obywatelstwo|mothertongue" },
	{ NAME_JOB, "job|jobtitle|occupation|profession|position|roletitle|"
		    "beruf|berufsbezeichnung|beroep|functie|metier|"
		    "fonction|profesion|puesto|ocupacion|professione|"
		    "profissao|zawod|yrke|workclass" },
	{ NAME_EMPLOYER, "employer|company|companyname|organisation|"
			 "organization|firma|arbeitgeber|werkgever|"
			 "entreprise|empresa|azienda|department|abteilung" },
	{ NAME_EDUCATION, "education|degree|school|university|bildung|"
			  "schulabschluss|opleiding|diplome|educacion|"
			  "istruzione|studium" },
	{ NAME_INCOME, "income|salary|wage|wages|pay|earnings|annualincome|"
		       "gehalt|einkommen|lohn|salaris|inkomen|salaire|revenu|"
		       "salario|ingresos|stipendio|reddito|balance|networth" },
	{ NAME_HEALTH, "health|healthstatus|diagnosis|diagnoses|diagnosiscode|"
		       "icd|icd9|icd10|"
		       "icd10code|icdcode|disease|condition|symptom|"
		       "symptoms|medication|medications|drug|drugs|dose|"
		       "prescription|allergy|allergies|bloodtype|bloodgroup|"
		       "bloodpressure|heartrate|pulse|bmi|weight|height|"
		       "temperature|hba1c|glucose|labresult|lab|procedure|"
		       "treatment|therapy|disability|pregnant|smoker|"
		       "smoking|covid|hiv|severity|stage|tumor|tumour" },
	{ NAME_HEALTH, "gesundheit|sante|salud|salute|gezondheid|diagnose|"
		       "diagnosen|krankheit|medikament|medikamente|"
		       "medikation|blutgruppe|allergie|allergien|befund|"
		       "gewicht|grosse|korpergrosse|behandlung|therapie|"
		       "behinderung|raucher|ziekte|medicatie|bloedgroep|"
		       "maladie|diagnostic|traitement|groupesanguin|"
		       "enfermedad|diagnostico|medicamento|"
		       "gruposanguineo|malattia|diagnosi|farmaco|choroba" },
	{ NAME_ETHNICITY, "race|ethnicity|ethnicgroup|ethnic|skincolor|"
			  "skincolour|ethnie|ethnizitat|herkunft|etniciteit|"
			  "afkomst|raza|etnia|razza|migrationshintergrund" },
	{ NAME_BELIEF, "religion|faith|church|denomination|belief|konfession|"
		       "glaube|kirche|kirchensteuer|geloof|godsdienst|"
		       "religione|wyznanie|confession" },
	{ NAME_POLITICS, "party|politicalparty|politicalopinion|politics|vote|"
			 "voted|partei|parteimitglied|partij|parti|partido|"
			 "partito|politicalview" },
	{ NAME_UNION, "union|tradeunion|unionmember|unionmembership|"
		      "gewerkschaft|vakbond|syndicat|sindicato|sindacato" },
	{ NAME_SEX_LIFE, "sexualorientation|orientation|sexuality|sexlife|"
			 "sexuelleorientierung|orientationsexuelle|"
			 "orientacionsexual|partnersex" },
	{ NAME_GENETIC, "dna|genome|genotype|geneticmarker|genetic|mutation|"
			"allele|brca|snp|karyotype" },
	{ NAME_CRIME, "crime|criminalrecord|conviction|convictions|offence|"
		      "offense|arrest|arrested|vorstrafe|vorstrafen|straftat|"
		      "strafblad|casierjudiciaire|antecedentes" },
	{ NAME_TEXT, "note|notes|comment|comments|description|text|body|"
		     "message|messages|content|remark|remarks|freetext|"
		     "narrative|report|summary|history|transcript|review|"
		     "feedback|prompt|response|answer|question|subject|"
		     "complaint|reason|abstract|caption|utterance|"
		     "completion|instruction|input|output|reply|query" },
	{ NAME_TEXT, "notiz|notizen|bemerkung|bemerkungen|kommentar|"
		     "beschreibung|nachricht|freitext|anamnese|arztbrief|"
		     "bericht|betreff|opmerking|opmerkingen|omschrijving|"
		     "commentaire|commentaires|remarque|texte|"
		     "compterendu|nota|notas|comentario|comentarios|mensaje|"
		     "descripcion|texto|commento|descrizione|testo|"
		     "messaggio|uwagi|opis|anteckning|beskrivning" },
	{ NAME_MEDIA, "file|filename|filepath|path|image|imagefile|imagepath|"
		      "photo|photofile|picture|img|scan|scanfile|document|"
		      "attachment|audio|audiofile|video|videofile|avatar|"
		      "thumbnail|datei|dateiname|bild|foto|fichier|archivo|"
		      "imagen|bestand|bestandsnaam|immagine" },
	{ NAME_NEUTRAL, "status|type|kind|category|class|label|labels|tag|"
			"tags|level|score|rating|count|total|amount|price|"
			"quantity|qty|currency|active|enabled|flag|version|"
			"language|lang|locale|unit|units|priority|rank|"
			"channel|source|role|product|productname|item|"
			"itemname|brand|model|size|color|colour|duration|"
			"value|index|seq|sequence|sort|"
			"split|method|format|mode|"
			"discount|tax|cost|fee|stock|verified|archived" },
	{ NAME_NEUTRAL, "typ|art|klasse|kategorie|anzahl|summe|betrag|preis|"
			"menge|wahrung|aktiv|sprache|produkt|rang|"
			"soort|aantal|bedrag|prijs|taal|statut|categorie|"
			"nombretotal|montant|prix|langue|produit|"
			"tipo|categoria|cantidad|importe|precio|idioma|"
			"producto|quantita|importo|prezzo|lingua|prodotto|"
			"ilosc|kwota|cena|antal|belopp|pris|pocet" },
};
const size_t name_rows_count = sizeof(name_rows) / sizeof(name_rows[0]);

/* Whose number it is, before a word for "number". */
const char name_people[] =
    "customer|client|patient|user|member|person|people|employee|student|"
    "applicant|subject|participant|respondent|author|sender|owner|donor|"
    "citizen|tenant|guest|passenger|driver|doctor|physician|provider|nurse|"
    "contact|individual|resident|child|parent|voter|worker|agent|account|"
    "kunde|kunden|patienten|mitarbeiter|benutzer|mitglied|mitglieds|personal|"
    "person|bewerber|teilnehmer|proband|probanden|versicherten|schuler|"
    "klant|klanten|gebruiker|medewerker|lid|deelnemer|"
    "utilisateur|salarie|adherent|eleve|assure|"
    "cliente|paciente|usuario|empleado|alumno|"
    "paziente|utente|dipendente|"
    "klient|pacjent|pracownik|kund|anvandare|bruker|bruger|asiakas|"
    "sub|pid|uid|cust|emp|pat|usr";

/* Words for "number". */
const char name_numbers[] =
    "id|ids|no|nr|num|number|nummer|numero|key|code|uid|uuid|guid|ref|"
    "reference|identifier|identifiant|identificador|identificativo|kennung|"
    "schlussel|pk|fk|identificatie|numer|cislo|idnumber|idno|pseudonym|oid";

/* What has few values, beside what is so by its meaning. */
const char name_few[] =
    "bloodgroup|bloodtype|blutgruppe|bloedgroep|groupesanguin|gruposanguineo|"
    "pregnant|smoker|smoking|raucher|yearofbirth|birthyear|geburtsjahr|pin|"
    "cvv|cvc|month|year|active|verified|flag|grade|stage|status|type|class";
